"""Names and numbers of machines, and the domain of a mail address: which of them say something about a private network.

Address blocks follow RFC 1918, 4193 and 6598; names that are reserved for documents RFC 2606 and 6761."""

from __future__ import annotations

import re

from aqe_desktop.privacy.words import words

_DOCUMENT_ENDS = (".example", ".test", ".invalid", ".localhost", ".localdomain")
_DOCUMENT_NAMES = frozenset({"example", "localhost", "test", "invalid"})
_DOCUMENT_DOMAINS = frozenset(
    {
        "acme.test",
        "bar.com",
        "baz.com",
        "acme.com",
        "b.com",
        "company.com",
        "b.c",
        "domain.com",
        "domain.org",
        "domain.tld",
        "foo.bar",
        "foo.com",
        "foobar.com",
        "host.com",
        "mail.test",
        "mycompany.com",
        "mydomain.com",
        "site.com",
        "somewhere.com",
        "test.com",
        "yourcompany.com",
        "yourdomain.com",
        "other.com",
        "another.com",
        "somewhere.org",
        "nowhere.com",
        "server.com",
        "googlegroups.com",
        "openssh.com",
        "libssh.org",
        "evil.com",
        "evil.tld",
        "evilsite.com",
        "here.com",
        "your-domain.com",
        "your-company.com",
        "mysite.com",
        "email.tld",
    }
)
"""Domains that texts use to say “any domain”."""

_FILE_ENDS = words(
    """
    png jpg jpeg gif svg webp ico css js mjs cjs ts tsx jsx json pyc go rb php java kt c h cpp hpp cs rst txt html
    htm xml yaml yml toml ini cfg conf lock log tar gz tgz zip whl deb rpm dll exe map vue scss less sql bat
    default service socket timer target mount missing property setter getter fixture override staticmethod
    classmethod
    """
)
"""What follows a dot where no domain ends: files (logo@2x.png), and words of code."""

_ROLES = words(
    """
    noreply no-reply no_reply donotreply do-not-reply mailer-daemon postmaster abuse hostmaster webmaster root git
    hg svn nobody daemon security github-actions dependabot
    """
)
"""Who is no person."""

_TRIALS = words("test tests tester testing testuser ci example sample dummy fake")
"""Parts of a mailbox's name by which it is a program's or nobody's."""

_SAMPLE_NAMES = words(
    """
    user username user1 user2 you your your-email your.email youremail your_email me name firstname.lastname
    first.last email foo bar foobar foo.bar test tester john.doe johndoe jane.doe janedoe john jane jdoe alice bob
    joe joe.doe someone somebody example max.mustermann
    """
)
"""Who stands for anybody, at a domain that stands for any."""

_KNOWN_INTERNAL = frozenset(
    {
        "host.docker.internal",
        "gateway.docker.internal",
        "kubernetes.docker.internal",
        "vm.docker.internal",
        "host.containers.internal",
        "host.lima.internal",
        "metadata.google.internal",
        "metadata.internal",
        "kubernetes.default.svc.cluster.local",
        "kubernetes.default.svc",
        "svc.cluster.local",
        "cluster.local",
        "default.svc.cluster.local",
        "kube-system.svc.cluster.local",
        "kube-dns.kube-system.svc.cluster.local",
        "foo.local",
        "bar.local",
        "myhost.local",
        "my-host.local",
        "hostname.local",
        "host.local",
        "test.local",
        "example.local",
        "localhost.local",
        "raspberrypi.local",
        "settings.local",
        "threading.local",
        "usr.local",
        "gevent.local",
        "werkzeug.local",
        "asgiref.local",
    }
)
"""Names with a private end that are the same everywhere."""

_SAMPLE_HOSTS = words(
    """
    host hostname server servername yourhost your-host my-host myhost your-server my-server myserver example
    example-host localhost domain ip address foo bar baz foobar user web-tls some-host remote-host remotehost
    other-host test-host worker1 worker2 worker3 proxy-server ip-address hostname1 hostname2 host1 host2 host3
    server1 server2 node1 node2 ipv4 ipv6 base64 utf-8 x86-64 127-0-0-1 localhost4 localhost6 web1 app1
    """
)
"""Single names that stand for any machine."""

_PUBLIC_REGISTRIES = words(
    """
    pypi.org pythonhosted.org npmjs.org npmjs.com yarnpkg.com rubygems.org crates.io maven.org apache.org gradle.org
    golang.org nuget.org packagist.org docker.io docker.com quay.io ghcr.io gcr.io k8s.io mcr.microsoft.com
    public.ecr.aws conda.io anaconda.org anaconda.com pytorch.org nvidia.com tuna.tsinghua.edu.cn aliyun.com
    aliyuncs.com ustc.edu.cn npmmirror.com taobao.org douban.com huaweicloud.com tencent.com tencentyun.com
    debian.org ubuntu.com fedoraproject.org centos.org jsr.io alpinelinux.org archlinux.org github.com
    githubusercontent.com gitlab.com bitbucket.org google.com googleapis.com microsoft.com visualstudio.com
    jitpack.io sonatype.org goproxy.cn goproxy.io piwheels.org python.org jenkins-ci.org hex.pm cpan.org
    r-project.org hackage.haskell.org clojars.org jboss.org spring.io mvnrepository.com cloudflare.com jsdelivr.net
    unpkg.com verdaccio.org devpi.net yourcompany.com my-registry.com registry.com mycompany.com company.com
    """
)


def private_v4(value: str) -> bool:
    """Whether an IPv4 address is of a private block (RFC 1918), and no block's name or a router's usual address."""
    parts = _octets(value)
    return _is_1918(parts) and not _says_nothing(parts)


def private_net(value: str) -> bool:
    """Whether a network is a part of a private block, and neither the block itself nor what manuals and engines use."""
    address, _, bits = value.replace("*", "0").partition("/")
    parts = _octets(address)
    if not _is_1918(parts) or not 8 < int(bits or 24) < 33:
        return False
    usual = parts[:2] in _USUAL_NETS or (parts[0] == 10 and not any(parts[1:3])) or parts[:3] in _USUAL_LANS
    return (
        not usual
        and not (parts[0] == 10 and parts[1] == 0 and parts[2] < 8)
        and not (parts[0] == 172 and not parts[2] and parts[1] < 21)
    )


_USUAL_NETS = frozenset({(10, 96), (10, 244), (10, 42), (10, 43), (172, 16), (172, 17), (172, 31)})
_USUAL_LANS = frozenset(
    {(192, 168, 0), (192, 168, 1), (192, 168, 2), (192, 168, 122), (192, 168, 99), (10, 1, 0), (10, 1, 1)}
)
"""Networks that manuals, clouds, Kubernetes and engines start with."""


def usual_v4(value: str) -> bool:
    """Whether a private IPv4 address is the same in half of all homes: it says nothing about this one."""
    parts = _octets(value)
    return _is_1918(parts) and _says_nothing(parts) and any(parts[1:]) and parts[3] != 0


def shared_v4(value: str) -> bool:
    """Whether an IPv4 address is of the block between carriers and their customers (RFC 6598)."""
    parts = _octets(value)
    return len(parts) == 4 and parts[0] == 100 and 64 <= parts[1] <= 127 and any(parts[2:])


def local_v6(value: str) -> bool:
    """Whether an IPv6 address is a unique local one (RFC 4193) and not the block itself."""
    if value.count("::") > 1 or value.count(":") < 2:
        return False
    groups = value.lower().split(":")
    written = [each for each in groups if each]
    return (
        value[:2].lower() in {"fd", "fc"}
        and len(groups[0]) == 4
        and 2 <= len(written) <= 8
        and all(len(each) <= 4 for each in written)
    )


def mail(value: str) -> bool:
    """Whether a mail address may be somebody's: no domain of documents, no file's name, no automat."""
    name, _, domain = value.lower().rpartition("@")
    domain = domain.rstrip(".")
    if not _is_domain(domain) or _documents(domain) or name in _ROLES or name.endswith(".."):
        return False
    labels = domain.split(".")
    if labels[0] in {"www", "lists"} or len(labels[-2]) == 1 or domain == f"{name}.com":
        return False
    if any(each in _TRIALS for each in re.split(r"[._+\d-]+", name)):
        return False
    return not (len(labels[0]) <= 3 and (name in _SAMPLE_NAMES or len(name) == 1))


def spelled_mail(value: str) -> bool:
    """The same for an address that is spelled out, as “name [at] domain [dot] de”."""
    text = _DOT.sub(".", _AT.sub("@", value, count=1))
    return mail("".join(text.split()))


_AT = re.compile(r"(?i)\s?[(\[{<]\s?at\s?[)\]}>]\s?|\sat\s")
_DOT = re.compile(r"(?i)\s?[(\[{<]\s?(?:dot|punkt|point|punto)\s?[)\]}>]\s?|\sdot\s")


def internal_host(value: str) -> bool:
    """Whether a host name with a private end names a machine, and not one that is the same everywhere."""
    name = _host_of(value)
    labels = name.split(".")
    if name in _KNOWN_INTERNAL or _documents(name) or "_" in name or any(not each for each in labels):
        return False
    if len(labels) == 2 and labels[0] in _SAMPLE_HOSTS:
        return False
    second = len(labels[-1]) == 2 and labels[-2:-1] in (["com"], ["org"])  # as in .com.br
    below = labels[: -2 if second else -1]
    return not any(each in _CODE_LABELS for each in below) and not labels[0].isdigit()


_CODE_LABELS = words(
    """
    self this cls com org java javax android kotlin threading thread _local www example builtin builtins backends
    legacy contrib plugins modules utils core lib path _path src main parent
    """
)
"""What begins a name of code, or a documented name."""


def numbered_host(value: str) -> bool:
    """Whether a single name is a machine's by its number or its parts (db01, build-agent-7), and no usual sample."""
    name = _host_of(value)
    marked = any(each.isdigit() for each in name) or "-" in name
    return (
        marked
        and len(name) > 3
        and name not in _SAMPLE_HOSTS
        and not name.startswith(("your", "my-", "example", "localhost", "some-"))
    )


def plain_host(value: str) -> bool:
    """Whether a single name could be a machine's in somebody's network."""
    name = _host_of(value)
    return len(name) > 1 and name not in _SAMPLE_HOSTS and not name.isdigit()


def private_registry(value: str) -> bool:
    """Whether the host of a package index is none of the public ones."""
    name = _host_of(value)
    if _documents(name) or name in _KNOWN_INTERNAL or name.startswith(("127.", "my-", "your-", "0.")):
        return False
    return "." in name and not any(name == each or name.endswith("." + each) for each in _PUBLIC_REGISTRIES)


def index_path(value: str) -> bool:
    """Whether an address looks like a package index: by its path or its host, for a registry is no web site."""
    text = value.lower()
    return any(each in text for each in _INDEX_WORDS)


_INDEX_WORDS = words(
    """
    simple pypi npm maven repository artifactory nexus registry packages /api/ index goproxy gems cargo devpi conda
    nuget proget verdaccio mirror proxy feed
    """
)


def unc_host(value: str) -> bool:
    """Whether a path begins with a machine and a share, and is no row of escaped letters or commands."""
    parts = [each for each in value.split("\\") if each]
    if len(parts) < 2 or _ESCAPE.match(parts[0]) or parts[0].lower() in _SAMPLE_HOSTS - {"server"}:
        return False
    return not (
        parts[0].lower() in {"server", "fs", "dc", "share", "storage", "files"}
        and parts[1].lower().split()[:1] in (["share"], ["path"], ["folder"], ["dir"])
    )


def unc_name(value: str) -> bool:
    """The same for a path whose machine has a plain name, which a command of TeX or a sample could be too."""
    path = value[value.find("\\") :]
    first = path.strip("\\").partition("\\")[0].lower()
    return first not in _TEX and first not in _SAMPLE_HOSTS and unc_host(path)


_TEX = words("hline midrule toprule bottomrule cline begin end item textbf multicolumn noindent vspace hspace par")
_ESCAPE = re.compile(
    r"(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-7]{1,3}$|[nrtdwsbDWSB]\\d?$|f[0-9]+$|rtf[0-9]$|fonttbl)"
)


def company_host(value: str) -> bool:
    """Whether a host name under a company's domain is none of documents."""
    name = _host_of(value)
    return not _documents(name) and not any(name.endswith("." + each) for each in _PUBLIC_REGISTRIES)


def _octets(value: str) -> tuple[int, ...]:
    parts = value.split(".")
    if len(parts) != 4 or not all(each.isascii() and each.isdigit() and len(each) < 4 for each in parts):
        return ()
    numbers = tuple(map(int, parts))
    return numbers if max(numbers) < 256 else ()


def _is_1918(parts: tuple[int, ...]) -> bool:
    if len(parts) != 4:
        return False
    return parts[0] == 10 or (parts[0] == 172 and 16 <= parts[1] <= 31) or parts[:2] == (192, 168)


def _says_nothing(parts: tuple[int, ...]) -> bool:
    """A network's or mask's round number, or what routers and engines are delivered with."""
    if parts[3] in {0, 255}:
        return True
    return parts in _DELIVERED or (parts[0] == 10 and parts[1:] in _COUNTED)


_DELIVERED = frozenset(
    {
        (192, 168, 0, 1),
        (192, 168, 1, 1),
        (192, 168, 1, 254),
        (192, 168, 0, 254),
        (192, 168, 1, 255),
        (192, 168, 0, 255),
        (192, 168, 99, 100),
        (192, 168, 122, 1),
        (172, 17, 0, 1),
        (172, 16, 0, 1),
        (10, 0, 2, 2),
        (10, 0, 2, 15),
        (10, 96, 0, 1),
    }
)
_COUNTED = frozenset(
    {(0, 0, 1), (0, 0, 2), (0, 0, 3), (1, 1, 1), (1, 2, 3), (10, 10, 10), (0, 0, 255), (255, 255, 254), (2, 3, 4)}
)


def _host_of(value: str) -> str:
    """The host of an address: without scheme, user, port and path, lower case."""
    name = value.lower().rpartition("://")[2].lstrip("/").split("/")[0].rpartition("@")[2]
    return name.split(":")[0].strip(".\\")


def _documents(domain: str) -> bool:
    labels = domain.split(".")
    if domain.endswith(_DOCUMENT_ENDS) or domain in _DOCUMENT_DOMAINS:
        return True
    return any(each in _DOCUMENT_NAMES or each.startswith("example") for each in labels[-3:-1])


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    end = labels[-1]
    letters = end.startswith("xn--") or (end.isalpha() and len(end) >= 2)
    whole = all(each and len(each) <= 63 and "-" not in (each[0], each[-1]) for each in labels)
    return len(labels) >= (3 if end == "py" else 2) and letters and end not in _FILE_ENDS and whole
