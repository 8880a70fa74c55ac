"""Words by which texts steer a model: orders, secrecy, files of secrets, ways out, praise. Pure.

Honest vendors write some of them too, and attacks are written without: what is found is shown, and decides nothing.
Each pattern has bounded gaps only, so that a text is read in a time that grows with its length.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from inspection.checks.declared import Hit, excerpt
from inspection.checks.offered import Part, Subject

# Of one text so many words are shown; more of the same say no more.
_IN_A_TEXT = 3
_PEOPLE = (
    r"(?:the |your |any |our )?(?:end[ -]?)?(?:users?|humans?|people|persons?|customers?|operators?|anyone|anybody)\b"
)
_FEW = r"(?:[\w'’]+ ){0,3}?"
_TOOLS = r"(?:tools?|functions?|servers?|methods?)"


def _any(*patterns: str) -> re.Pattern[str]:
    # A blank stands for any white space, one with a question mark for none of it too.
    return re.compile("|".join(patterns).replace(" ?", r"\s*").replace(" ", r"\s+"), re.IGNORECASE)


_ORDERS = _any(
    rf"\b(?:ignore|disregard|forget|override|bypass|skip) {_FEW}"
    r"(?:previous|prior|above|earlier|preceding|existing|system|safety|security|original) "
    r"(?:[\w'’]+ ){0,2}?"
    r"(?:instructions?|prompts?|rules?|guidelines?|guardrails?|directions?|checks?|messages?|polic(?:y|ies))\b",
    r"\b(?:ignore|disregard|forget) (?:all|any) (?:other|of the) (?:instructions?|tools?|rules?)\b",
    r"</?(?:important|system|secret|hidden|admin|assistant|instructions?|critical)>",
    r"<\|\s*(?:im_start|im_end|system|user|assistant|end_?of_?text|eot_id|start_header_id)\b[^|<>]{0,20}\|>",
    r"\[/?INST\]|<</?SYS>>",
    r"(?<!#)#{2,6} ?(?:(?:system|new|hidden|override) )?(?:instructions?|prompt) ?:",
    r"<!-- ?(?:system|important|instructions?|hidden|secret|ai|llm|agents?|assistants?|note to)\b",
    r"\byou are (?:now|no longer) (?:a|an|the|in|bound|required)\b",
    r"\b(?:your )?new (?:instructions?|system prompt|role) (?:is|are)\b",
    r"\bbefore (?:you )?(?:using|use|calling|call|invoking|invoke|executing|running|answering|responding)"
    r" (?:any|every|each|all)(?: of the)?(?: other)? (?:tools?|functions?|requests?|questions?)\b",
    r"\b(?:system|admin(?:istrator)?|developer) (?:override|mode (?:on|enabled))\b",
)
_SECRECY = _any(
    rf"\b(?:do not|don['’]t|never|must not|should not|shouldn['’]t|no need to|without) {_FEW}"
    r"(?:tell|mention|inform|notify|reveal|disclos|alert|warn|expos)(?:e|s|ing|ting)?"
    rf" (?:(?:about |of )?[\w'’]+ ){{0,3}}?(?:to |from |with )?{_PEOPLE}",
    r"\b(?:do not|don['’]t|never) (?:mention|disclose|reveal) (?:this|that|these|it|any of this|the above)\b",
    rf"\b(?:hide|conceal|keep) (?:[\w'’]+ ){{0,4}}?(?:from|invisible to|hidden from|secret from) {_PEOPLE}",
    r"\bwithout the (?:user|human)(?:['’]s)? (?:knowing|knowledge|noticing|awareness)\b",
    r"\b(?:silently|secretly|covertly|discreetly|stealthily) (?:and \w+ )?"
    r"(?:send|forward|upload|copy|includ|read|call|add|append|pass|transmit|post|collect|record|log|run|execut|fetch|exfiltrat)\w{0,4}\b",
)
_SECRET_FILES = _any(
    r"(?:~|\$HOME|%USERPROFILE%|/home/[\w.-]{1,40}|/Users/[\w.-]{1,40}|/root|\b)[/\\]\.(?:ssh|aws|gnupg)\b",
    r"[~/\\]\.(?:netrc|npmrc|pypirc|git-credentials|bash_history|zsh_history|pgpass|env)\b",
    r"\bid_(?:rsa|ed25519|ecdsa|dsa)\b",
    r"/etc/(?:passwd|shadow|sudoers|kubernetes/admin\.conf)\b",
    r"/proc/(?:self|\d+)/(?:environ|mem)\b",
    r"169\.254\.169\.254",
    r"\bclaude_desktop_config\.json\b|\.cursor/mcp\.json\b",
    r"\b(?:wallet\.dat|login\.keychain|Login Data|logins\.json|\.aws/credentials)\b",
)
_WAYS_OUT = _any(
    r"\b(?:exfiltrate|siphon)s?\b",
    rf"\b(?:send|forward|upload|post|transmit|submit|copy|email|bcc|deliver|append) {_FEW}{_FEW}"
    r"(?:contents?|results?|outputs?|data|copy|copies|files?|emails?|messages?|conversations?|history|keys?|credentials?"
    r"|passwords?|secrets?|tokens?|prompts?|it|them|everything) (?:[\w'’]+ ){0,3}?"
    r"(?:to|at) (?:the (?:url|address|endpoint|server) )?(?:https?://|[\w.+-]{1,64}@[\w-]{1,63}\.\w)",
    r"\b(?:always )?(?:add|put|set|include|insert|use) (?:[\w.+@'’-]+ ){0,4}?(?:as|in|into|to) (?:the )?(?:bcc|cc)\b",
    rf"\b(?:include|pass|put|provide|paste|add|append|insert|send|attach|supply) {_FEW}"
    r"(?:entire|full|complete|whole|raw|previous) (?:[\w'’]+ ){0,2}?"
    r"(?:conversation|chat|(?:message|chat) history|system prompt|messages|transcript|context)\b",
    r"\b(?:pass|put|provide|paste|append|include|insert|encode) (?:[\w'’]+ ){0,4}?contents? of (?:[\w'’./~-]+ ){1,4}?"
    r"(?:as|in|into|to) (?:the |a |this )?['\"`“]?[\w ]{0,30}(?:parameter|argument|field|sidenote|note)\b",
)
_PRAISE = _any(
    r"\b(?:the|is) (?:very )?"
    r"(?:best|most (?:reliable|trusted|accurate|powerful|secure|complete)"
    r"|only (?:safe|trusted|secure|official|reliable))"
    r" (?:[\w'’-]+ ){0,2}?(?:tool|function|server|mcp|choice)"
    r"(?: (?:in the world|available|ever|to use|of all|for)|[.!])",
    r"\b(?:always|must|should) (?:prefer|choose|select|pick|favou?r|prioriti[sz]e) (?:to use )?(?:this|our)"
    rf" {_TOOLS}\b",
    rf"\b(?:instead of|rather than|over|in place of) (?:all|any|every)(?: of the)?(?: other| similar)? {_TOOLS}\b",
    r"\b(?:do not|don['’]t|never) (?:ever )?(?:use|call|trust|invoke|rely on) (?:any |all |the )?other"
    rf" (?:[\w'’-]+ )?{_TOOLS}\b",
    r"\b(?:called?|use|used|invoked?|run) (?:this (?:tool|method|function) )?"
    r"(?:any ?time|every ?time|whenever|each time|for every(?:thing)?)"
    r" (?:the |a )?users? (?:asks?|says?|informs?|sends?|types?|mentions?|requests?) (?:for )?(?:anything|something)\b",
)


def _look(pattern: re.Pattern[str], sentence: str) -> Callable[[Subject], Iterator[Hit]]:
    def look(subject: Subject) -> Iterator[Hit]:
        for one in subject.parts:
            yield from _in(one, pattern, sentence)

    return look


def _in(one: Part, pattern: re.Pattern[str], sentence: str) -> Iterator[Hit]:
    for path, text in one.texts:
        for found in _first(pattern, text):
            yield Hit(one.name, path, sentence, excerpt(text, found.start(), found.end()))


def _first(pattern: re.Pattern[str], text: str) -> Sequence[re.Match[str]]:
    found = []
    for match in pattern.finditer(text):
        found.append(match)
        if len(found) == _IN_A_TEXT:
            break
    return found


orders = _look(_ORDERS, "reads like an order to the model")
secrecy = _look(_SECRECY, "tells the model to keep something from people")
secret_files = _look(_SECRET_FILES, "names a place where secrets are kept")
ways_out = _look(_WAYS_OUT, "tells the model to hand something out")
praise = _look(_PRAISE, "draws calls away from other tools")
