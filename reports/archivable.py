"""Makes what WeasyPrint writes keep PDF/A-3a and PDF/UA-1 at once: by itself it declares one, and breaks rules of both.

Loaded by the process that draws, and by nobody else.
"""

import zlib
from typing import Any

import pydyf

# Archivable, tagged for screen readers, and allowed to carry the data that it prints.
VARIANT = "pdf/a-3a"

# That the document is PDF/UA-1; and, as PDF/A does not know the words for it, what they mean (ISO 19005-3, 6.6.2.3).
_ACCESSIBLE = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


def finish(_document: Any, pdf: Any) -> None:
    """Write into a drawn PDF, before it is put together, what both standards ask for."""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    # Whoever keeps an archive finds the description without a reader of PDF (ISO 19005-3, 6.6.2.1).
    metadata.compress = False
    metadata.stream = [part.replace(b"</rdf:RDF>", _ACCESSIBLE.lstrip()) for part in metadata.stream]
    for font in pdf.objects:
        if isinstance(font, dict) and "ToUnicode" in font:
            table = pdf.objects[int(font["ToUnicode"].split()[0])]
            table.stream = [_mapped(line) if isinstance(line, bytes) else line for line in table.stream]


def _mapped(line: bytes) -> bytes:
    """Return a line that says which text a glyph stands for; the second of a letter, such as its dots, joins the first.

    Every glyph must stand for something (ISO 19005-3, 6.2.11.7), and the word joiner is nothing that one sees.
    """
    return line.replace(b"<>", b"<2060>")


def _written(stream: Any) -> bytes:
    """Return a stream as it stands in the file: its words, compressed, between its two marks.

    Compressed as zlib does by itself: the effort that pydyf asks for took a twelfth of the time of a whole report and
    made it 4 % smaller. CR LF stands before the end: where LF alone follows, the CR of data that happens to end in one
    is read as a part of the line end, and the stream is found one byte shorter than it says: one stream in 256
    (ISO 19005-3, 6.1.7.1).
    """
    body = b"\n".join(one if isinstance(one, bytes) else pydyf._to_bytes(one) for one in stream.stream)
    about = pydyf.Dictionary(stream.extra.copy())
    if stream.compress:
        about["Filter"] = "/FlateDecode"
        body = zlib.compress(body)
    about["Length"] = len(body)
    return b"\n".join((about.data, b"stream", body + b"\r", b"endstream"))


pydyf.Stream.data = property(_written)
