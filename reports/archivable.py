"""Makes what WeasyPrint writes keep PDF/A-3a and PDF/UA-1 at once: by itself it declares one, and breaks rules of both.

Loaded by the process that draws, and by nobody else.
"""

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


def _framed(data: Any) -> Any:
    """Return what writes a stream with CR LF before its end.

    Where LF alone follows, the CR of data that happens to end in one is read as a part of the line end, and the stream
    is found one byte shorter than it says: one stream in 256 (ISO 19005-3, 6.1.7.1).
    """
    end = b"\nendstream"

    def framed(stream: Any) -> bytes:
        written: bytes = data(stream)
        return written.removesuffix(end) + b"\r" + end

    return framed


pydyf.Stream.data = property(_framed(pydyf.Stream.data.fget))
