"""Where the reply ends and the quoted mail begins, and how the reply begins."""

from __future__ import annotations

import re

_ATTRIBUTION_LINES = 4
"""Lines that `On ... wrote:` may be folded over."""
_HEADER_LINES = 12
"""Lines that are looked at for the fields of an Outlook block."""
_CANDIDATES = 2_000
"""Lines that may begin a quoted mail and whose next lines are looked at."""
_LINE = 1_000
"""Characters of a line that are looked at."""

_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
"""What phones and HTML leave in empty lines."""
# Thunderbird, Gmail and Apple Mail: en, de, fr, es, it, nl, pt.
_ATTRIBUTION_BEGIN = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Em|A|No dia)\b|(?:\d{1,4}[./-]){2}\d{1,4}\b"
    r"|[^<>]{1,200}<[^<>\s@]+@[^<>\s@]+>"
)
_WROTE = re.compile(
    r"\b(?:wrote|schrieb|a\s{1,3}écrit|escribi[óo]|ha\s{1,3}scritto|schreef|geschreven|escreveu)\b"
)
_BEHIND_WROTE = 200
"""Characters of a name and address behind the verb."""
# Outlook and others, in the same languages.
_SEPARATOR = re.compile(
    r"(?:-{2,40}|_{2,40}|\*{2,40})\s{0,3}"
    r"(?:Original Message|Original Appointment|Forwarded message|Reply message"
    r"|Ursprüngliche Nachricht|Ursprünglicher Termin|Originalnachricht|Original-Nachricht"
    r"|Weitergeleitete Nachricht|Message d'origine|Message original|Message transféré"
    r"|Mensaje original|Mensaje reenviado|Messaggio originale|Messaggio inoltrato"
    r"|Oorspronkelijk bericht|Doorgestuurd bericht|Mensagem original|Mensagem encaminhada)"
    r"\s{0,3}(?:-{2}|_{2}|\*{2})",
    re.IGNORECASE,
)
_BEGIN_FORWARDED = re.compile(
    r"(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|"
    r"Début du message (?:réexpédié|transféré)|Inizio messaggio inoltrato|"
    r"Inicio del mensaje reenviado|Begin doorgestuurd bericht|"
    r"Início da mensagem (?:reencaminhada|encaminhada))\s*:\s*$",
    re.IGNORECASE,
)
_UNDERSCORES = re.compile(r"_{20,}\s*$|-{30,}\s*$")
_SENDER = re.compile(r"\*?(?:From|Von|De|Da|Van)\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"\*?(?:Sent|Date|Gesendet(?: am)?|Datum|Envoyé(?: le)?|Date d'envoi"
    r"|Enviado(?: el| em)?|Enviada em|Fecha|Inviato|Data|Verzonden)\s*:\*?\s*\S",
    re.IGNORECASE,
)
_OTHER_FIELD = re.compile(
    r"\*?(?:To|Cc|Subject|An|Betreff|À|Objet|Para|Asunto|Assunto|A|Oggetto|Aan|Onderwerp)"
    r"\s*:\*?",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(
    "|".join(
        pattern.pattern
        for pattern in (_SEPARATOR, _BEGIN_FORWARDED, _UNDERSCORES, _SENDER, _ATTRIBUTION_BEGIN)
    ),
    re.IGNORECASE,
)


def own_text(body: str) -> str:
    """The body up to the quoted reply; the whole body if nothing would be left (docs/rules.md 10).
    Answers that are written between `>` quotes keep the quotes. Linear in the length."""
    lines = body.split("\n")
    end = _end_of_own(lines)
    own = "\n".join(lines[:end]).rstrip()
    return own if own.strip() else body


def first_own_line(body: str) -> str | None:
    """The first line that the replier wrote, outer blanks off, above the quoted mail or below what
    is quoted with `>`; None if there is none. Where a quote without `>` begins, all behind it
    counts as quoted. A greeting and a signature are lines like others."""
    lines = [_UNSEEN.sub("", line) for line in body.split("\n")]
    place: int | None = _next_filled(lines, 0)
    while place is not None:
        line = lines[place][:_LINE].strip()
        if not _quoted(line):
            if _is_block(lines, place, line):
                return None
            last = _last_of_attribution(lines, place, line)
            if last is None:
                return line
            place = _next_filled(lines, last + 1)
            if place is None or not _quoted(lines[place]):
                return None
        place = _next_filled(lines, place + 1)
    return None


def _end_of_own(lines: list[str]) -> int:
    tail = _quoted_tail(lines)
    answered_between = False
    candidates = _CANDIDATES
    for place, full in enumerate(lines):
        line = full[:_LINE].strip()
        if _quoted(line):
            answered_between = answered_between or place < tail
        elif candidates and _CANDIDATE.match(line):
            candidates -= 1
            if _is_block(lines, place, line) or _is_attribution(lines, place, line, tail):
                return place
    return len(lines) if answered_between else tail


def _quoted_tail(lines: list[str]) -> int:
    """Where the `>` lines (and blank ones) begin that nothing but a signature follows; the number
    of lines if there are none."""
    end = len(lines)
    signature = next((place for place, line in enumerate(lines) if line.rstrip("\r") == "-- "), end)
    if not any(_quoted(line) for line in lines[signature:]):
        end = signature
    tail = len(lines)
    for place in range(end - 1, -1, -1):
        if _quoted(lines[place]):
            tail = place
        elif lines[place].strip():
            break
    return tail


def _quoted(line: str) -> bool:
    return line.lstrip(" ")[:1] == ">"


def _is_block(lines: list[str], place: int, line: str) -> bool:
    """A separator line, or Outlook's `From:`, `Sent:` ... lines, with or without underscores
    above."""
    if _SEPARATOR.match(line) or _BEGIN_FORWARDED.match(line):
        return True
    if _SENDER.match(line):
        return _fields(lines, place) >= 3
    if _UNDERSCORES.match(line):
        following = _next_filled(lines, place + 1)
        return following is not None and bool(
            _SENDER.match(lines[following][:_LINE].strip()) and _fields(lines, following) >= 2
        )
    return False


def _fields(lines: list[str], place: int) -> int:
    """How many fields stand below each other; 0 without a date of sending."""
    others = 0
    dated = False
    for full in lines[place + 1 : place + _HEADER_LINES]:
        line = full[:_LINE].strip()
        if not line:
            if others or dated:
                break
            continue
        if _SENT.match(line):
            dated = True
        elif _OTHER_FIELD.match(line):
            others += 1
    return 2 + others if dated else 0


def _is_attribution(lines: list[str], place: int, line: str, tail: int) -> bool:
    """Whether `On ... wrote:` begins here and nothing of the sender's own follows: either all
    behind it is quoted with `>`, or none of it is (HTML mail, and clients that only indent)."""
    last = _last_of_attribution(lines, place, line)
    following = None if last is None else _next_filled(lines, last + 1)
    if last is None or following is None:
        return False
    if _quoted(lines[following]):
        return following >= tail
    return any(letter.isdigit() for full in lines[place : last + 1] for letter in full[:_LINE])


def _last_of_attribution(lines: list[str], place: int, line: str) -> int | None:
    """Where the `On ... wrote:` ends that begins here; None: none begins."""
    if not _ATTRIBUTION_BEGIN.match(line):
        return None
    written: list[str] = []
    for last in range(place, min(place + _ATTRIBUTION_LINES, len(lines))):
        text = lines[last][:_LINE].strip()
        if not text or _quoted(text):
            return None
        written.append(text)
        if _ends_attribution(" ".join(written)):
            return last
    return None


def _ends_attribution(text: str) -> bool:
    if not text.endswith((":", "：")):
        return False
    return any(len(text) - verb.end() <= _BEHIND_WROTE for verb in _WROTE.finditer(text))


def _next_filled(lines: list[str], place: int) -> int | None:
    return next(
        (number for number in range(place, min(place + 50, len(lines))) if lines[number].strip()),
        None,
    )
