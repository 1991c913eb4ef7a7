"""What stands where a secret would and is none: placeholders, references to where it is kept, pieces of code."""

from __future__ import annotations

import re

from aqe_desktop.privacy.randomness import changes

_WORDS = (
    "your|yours|my|example|examples|sample|dummy|fake|placeholder|change|changeme|changeit|replace|replaceme"
    "|insert|redacted|removed|hidden|masked|todo|fixme|xxx+|yyy+|here|none|null|nil|undefined|foo|bar|baz|foobar"
    "|lorem|ipsum|test|testing|tests|mock|token|tokens|password|passwd|passwort|secret|secrets|key|keys|apikey"
    "|credential|credentials|value|string|enter|please|some|the|this|that|goes|put|set|use|with|from|user|username"
    "|name|invalid|valid|wrong|correct|bad|good|old|new|current|confirm|forgot|reset|required|optional|default"
    "|empty|unset|unknown|not|is|must|should|auth|access|fixture|stub|bogus|any|other|another|random|generated"
    "|production|development|staging|client|api|id|env|var|clave|contrasena|motdepasse|kennwort|geheim|hier|deine"
    "|dein|ihr|votre|ici|haslo|parola|senha|sua|aqui|tu|su"
)
_WORD = re.compile(rf"(?:^|[^a-z])(?:{_WORDS})(?:$|[^a-z])")
# Random text splits into short syllables where its case changes: only long words count in a name written LikeThis.
_LONG_WORD = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(each for each in _WORDS.split('|') if len(each) > 3)})(?:$|[^a-z])")
_TRIVIAL = re.compile(
    r"^(?:(?:my|the|super|some|a|your|user|db|test|admin|root|hashed|fake|very|top)?[-_]?)*"
    r"(?:secret|password|passwd|passwort|pass|pwd|pw|token|key|guest|tiger|postgres|mysql|root|admin|user|username|test)"
    r"(?:pass|password|word|key|s|ed)?[-_]?\d{0,3}$",
    re.I,
)
_COUNTED = re.compile(
    r"(?i)abc(?:d(?:e(?:f(?:gh?)?)?)?)?|xyz|uvw|qwe(?:rty?)?|asdf?|0?123(?:4(?:5(?:6(?:7(?:89?0?)?)?)?)?)?|456|789|987|321|"
    r"(.)\1{2,}|a1b2(?:c3(?:d4)?)?|deadbeef|cafebabe|foobar|foo|bar|baz"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FRAME = re.compile(
    r"^(?:<[^>]*>?|\$\{.*|\$\(.*|\$\[.*|\$[A-Za-z_]\w*\}?|\{\{.*|\{%.*|\{[\w.:\- ]*\}|%\(\w+\)s|%[A-Za-z_]\w*%|%[sdvq]|"
    r"#\{.*|@\{.*|@[\w.]+@|\[[A-Za-z _\-]*\]|![a-zA-Z]+|&[a-z_]+|:[a-z_]+|\?+|__\w+__|_[A-Z_]+_|\\\(.*|`.*|"
    r"@Microsoft.*|ENC\(?\[?.*|(?:ref|env|vault|ssm|secret|secrets|file|op|arn|aws|gcp|azure|keyring|pass|sops|bao)[:+].*)$"
)
DOTS = re.compile(r"\.\.\.|…|\*\*\*|•••|xxxx|XXXX|____|----|####|([^A])\1{6,}")
_HASH = re.compile(
    r"^\$(?:2[aby]|argon2\w*|5|6|1|y|pbkdf2[\w-]*|scrypt)\$|^(?:pbkdf2_|bcrypt|argon2|scrypt|sha\d+|md5)[\w]*[$:]|"
    r"^\{(?:SSHA|SHA|CRYPT|BCRYPT)\w*\}"
)
_SCREAMING = re.compile(r"^[A-Z][A-Z]*(?:[_-][A-Z0-9]+)*$")

_CALL = re.compile(r"^[A-Za-z_$][\w$.:>-]*(?:\(|\[|->|::)")
_ENDINGS = "js|ts|py|json|ya?ml|txt|md|html?|css|pem|crt|key|conf|php|go|rb|rs|java|xml|png|svg|sh|log|env|toml|ini|cfg"
_PATH = re.compile(rf"^(?:\.{{0,2}}/|~/|[A-Za-z]:\\|/)[\w.\-/\\ ]*$|^[\w\-./]+\.(?:{_ENDINGS})$")
_URL = re.compile(r"^[a-z][a-z+.-]*://")
_DOTTED = re.compile(r"^[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+$")
_SELECTOR = re.compile(r"^[#.][a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$")
_ALGORITHM = re.compile(
    r"^(?:(?:pbkdf2|argon2(?:id|i|d)?|bcrypt|scrypt|sha\d*|md5|hmac|aes\d*|rsa\d*|ed25519|x25519|curve25519|p\d{3}|ecdsa|"
    r"ecdh|oauth2?|base\d\d|utf8|gcm|cbc|ctr|chacha20|poly1305|pkcs\d*|x509|pem|der|jwt|jwe|hs\d{3}|rs\d{3}|es\d{3}|"
    r"totp|hotp|kdf|scram|128|192|256|384|512|v\d|with|and|cl\d+k|o\d+k|gpt\d?)[-_.:/]?)+(?:base|hash|hasher|encoder)?$",
    re.I,
)
VERSION = re.compile(r"^0x[0-9a-fA-F]{1,16},?$|^v?\d+(?:\.\d+)+(?:[-+.]\w+)*$|^\d{4}-\d{2}-\d{2}|^\d{1,2}:\d{2}")
TECHNICAL = re.compile(
    r"^(?:(?:sha|md|aes|rsa|des|utf|base|crc|hmac|ed|x|p|es|rs|hs|ps|int|uint|float|latin|oauth|python|py|http|tls|ssl|v|"
    r"id|key|token|pass|password|secret|user|test|arg|param|value|val|str|var|tmp|node|item|col|field|option|opt|h|t|s|n|"
    r"i|k)[-_]?\d{1,4}(?:[-_]\w{1,12})?)$",
    re.I,
)


def is_placeholder(value: str) -> bool:
    """Whether it holds the place of a value, or refers to where one is kept."""
    core = value.strip("\"'` ")
    if len(set(core)) <= 2 or "EXAMPLE" in core or _FRAME.match(core) or DOTS.search(core) or _HASH.match(core):
        return True
    if _SCREAMING.match(core) and (not any(each.isdigit() for each in core) or _WORD.search(core.lower())):
        return len(core) < 24 or "_" in core or "-" in core
    return _says_so(core)


def is_trivial(value: str) -> bool:
    """What tests and manuals write for a password; real ones of that kind protect nothing."""
    if len(value) < 24 and _TRIVIAL.match(value):
        return True
    left = _COUNTED.sub("", value)
    return len(left) <= len(value) // 4


def _says_so(core: str) -> bool:
    """A word of a placeholder counts where the rest is no random text: `my-p4ss!W` is somebody's password."""
    spread = _CAMEL.sub("-", core).lower()
    if not _WORD.search(core.lower()) and not _LONG_WORD.search(spread):
        return False
    rest = _WORD.sub("-", _WORD.sub("-", spread))
    return not (
        any(each.isdigit() for each in rest)
        and any(each.isalpha() for each in rest)
        and sum(each.isalnum() for each in rest) >= 8
    )


_DEMANDED = re.compile(
    r"(?:^|\|)(?:required|nullable|sometimes|confirmed|string|bail|present|filled|trim|current_password|integer|"
    r"(?:min|max|size|between|digits|same|different|unique|exists|regex|required_\w+|min_length|max_length)[:\[][^|]*)(?:\||$)"
)
"""What frameworks demand of a field, as `required|min:8`."""


def is_reference(value: str) -> bool:
    """Whether it is code: a name, a call, a path, an address, a list of demands."""
    if "|" in value and len(_DEMANDED.findall(value.replace("|", "||"))) > value.count("|") / 2:
        return True
    if _CALL.match(value) or _PATH.match(value) or VERSION.match(value) or TECHNICAL.match(value):
        return True
    if (_DOTTED.match(value) and changes(value) < 0.35) or _SELECTOR.match(value) or _ALGORITHM.match(value):
        return True
    return bool(_URL.match(value)) and "@" not in value
