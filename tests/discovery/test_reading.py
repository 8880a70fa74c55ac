"""Configurations of clients in all shapes, and whatever is wrong with them: no entry sinks a file, no value is told."""

import json
import time
import tomllib
import tracemalloc
from typing import Any

import pytest

from discovery.fleet import documents, reading
from discovery.fleet.identities import address_of, package_of
from discovery.fleet.reading import BadEntry, entry_of, read_file
from discovery.fleet.toml_tables import read_toml_tables
from tests.tables import for_each

FS = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/srv"]}
CRM = {"url": "https://mcp.acme.example/mcp"}
FS_IS, CRM_IS = "npm:@modelcontextprotocol/server-filesystem", "https://mcp.acme.example/mcp"
SOURCE, COMMIT, DIGEST = "https://github.com/a/b", "0a" * 20, f"sha256:{'a' * 64}"
SECRET = "hunter2-Vb7sK9pQ4xLm"


def found(document: Any, path: str = "~/x.json") -> dict[str, str]:
    """Return what each entry of a file is, by its name."""
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return {entry.name: entry.identity.key for entry in read_file(raw, path).entries}


TOML = b"""model = "o3" # comment
[mcp_servers.fs]
command = "npx"
args = ["-y", '@modelcontextprotocol/server-filesystem@2025.8.21', "/srv"]
env = { "K" = "v" }
[mcp_servers.crm]
url = "https://mcp.acme.example/mcp"
"""
JSONC = b"""\xef\xbb\xbf// what we use
{"servers": {
  /* files: "//" is no comment here */
  "fs": {"type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21",],},
  "crm": {"type": "http", "url": "https://mcp.acme.example/mcp", "headers": {},},
},}"""
BOTH, ONE, WINDSURF = {"mcpServers": {"fs": FS, "crm": CRM}}, {"mcpServers": {"crm": CRM}}, {"serverUrl": CRM["url"]}
OPENCODE = {
    "mcp": {
        "fs": {"type": "local", "command": [FS["command"], *FS["args"]], "environment": {"K": "v"}},
        "crm": {"type": "remote", **CRM},
    }
}


@for_each(
    "path,client,document",
    [
        ("~/Library/Application Support/Claude/claude_desktop_config.json", "Claude Desktop", BOTH),
        ("~/.claude.json", "Claude Code", {"mcpServers": {"fs": FS}, "projects": {"/Users/al/x": ONE}}),
        ("~/.cursor/mcp.json", "Cursor", {"mcpServers": {"fs": FS, "crm": {"type": "http", **CRM}}}),
        ("~/.codeium/windsurf/mcp_config.json", "Windsurf", {"mcpServers": {"fs": FS, "crm": WINDSURF}}),
        ("~/.gemini/settings.json", "Gemini CLI", {"mcpServers": {"fs": FS, "crm": {"httpUrl": CRM["url"]}}}),
        ("mcp.json", "VS Code", JSONC),
        ("settings.json", "VS Code", {"editor.fontSize": 12, "mcp": {"servers": {"fs": FS, "crm": CRM}}}),
        ("settings.json", "VS Code", {"mcp.servers": {"fs": FS, "crm": CRM}}),
        ("~/.codex/config.toml", "Codex", TOML),
        ("opencode.json", "opencode", OPENCODE),
        ("~/.kiro/settings/mcp.json", "Kiro", {"mcpServers": {"fs": FS}, "powers": {"mcpServers": {"crm": CRM}}}),
        ("~/.claude/plugins/cache/p/.mcp.json", "Claude Code", {"fs": FS, "crm": CRM}),
    ],
    ids=lambda row: f"{row[1]} {row[0]}",
)  # fmt: skip
def test_each_shape_gives_the_same_servers(path: str, client: str, document: Any) -> None:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    read = read_file(raw, path)

    assert {entry.name: entry.identity.key for entry in read.entries} == {"fs": FS_IS, "crm": CRM_IS}
    assert (read.client, read.unread) == (client, [])


@for_each(
    "command,args,key,version,pinned",
    [
        ("npx", ["-y", "pkg"], "npm:pkg", "", False),
        ("npx", ["pkg@latest"], "npm:pkg", "", False),
        ("npx", ["-y", "pkg@^1.2.0"], "npm:pkg", "", False),
        ("npx", ["-y", "pkg@1.2"], "npm:pkg", "", False),
        ("npx", ["-y", "pkg@1.x"], "npm:pkg", "", False),
        ("npx", ["--package", "@a/b@1.2.3", "--", "b-cmd"], "npm:@a/b", "1.2.3", True),
        ("npx -y @a/b@1.2.3 --flag", None, "npm:@a/b", "1.2.3", True),
        ("C:\\Program Files\\nodejs\\npx.cmd", ["-y", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("cmd", ["/c", "npx", "-y", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("cmd", ["/C", "npx -y @a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("bash", ["-lc", "cd /x && K=v exec npx -y @a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("env", ["K=v", "npx", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("op", ["run", "--env-file", "x", "--", "npx", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("npm", ["exec", "--yes", "--", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("pnpm", ["dlx", "@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("bunx", ["@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
        ("npx", ["github:a/b#v1"], "source:https://github.com/a/b", "", False),
        ("uvx", ["mcp_server.fetch==2025.4.7"], "pypi:mcp-server-fetch", "2025.4.7", True),
        ("uvx", ["mcp-server-fetch@2025.4.7"], "pypi:mcp-server-fetch", "2025.4.7", True),
        ("uvx", ["mcp-server-fetch>=1"], "pypi:mcp-server-fetch", "", False),
        ("uvx", ["--python", "3.12", "--from", "a[cli]==1.0", "b"], "pypi:a", "1.0", True),
        ("uv", ["tool", "run", "a==1.0"], "pypi:a", "1.0", True),
        ("uv", ["--directory", "/Users/al/weather", "run", "server.py"], "local:weather/server.py", "", False),
        ("uv", ["run", "--with", "mcp", "mcp", "run", "/home/al/dev/w/serve.py"], "local:dev/w/serve.py", "", False),
        ("uvx", ["--from", f"git+{SOURCE}@{COMMIT}", "b"], f"source:{SOURCE}", COMMIT, True),
        ("pipx", ["run", "--spec", "a==1.0", "b"], "pypi:a", "1.0", True),
        ("docker", ["run", "-i", "--rm", "-e", "K", "--mount", "type=bind", "mcp/fetch"], "oci:mcp/fetch", "", False),
        ("docker", ["run", "-it", "docker.io/mcp/fetch:1.0"], "oci:mcp/fetch", "1.0", False),
        ("docker", ["--context", "x", "run", f"mcp/fetch@{DIGEST}"], "oci:mcp/fetch", DIGEST, True),
        ("podman", ["container", "run", "localhost:5000/a/b:2"], "oci:localhost:5000/a/b", "2", False),
        ("dnx", ["Acme.Mcp@1.0.0", "--yes"], "nuget:acme.mcp", "1.0.0", True),
        ("dnx", ["Acme.Mcp", "--version", "1.0.0", "--yes"], "nuget:acme.mcp", "1.0.0", True),
        ("node", ["--inspect", "/Users/al/dev/w/build/index.js"], "local:w/build/index.js", "", False),
        ("node", ["C:\\Users\\al\\npm\\node_modules\\@a\\b\\dist\\index.js"], "npm:@a/b", "", False),
        ("/usr/bin/python3.12", ["-u", "-m", "mcp_server_time"], "pypi:mcp-server-time", "", False),
        ("python", ["server.py"], "local:server.py", "", False),
        ("java", ["-jar", "/opt/w/server.jar"], "local:opt/w/server.jar", "", False),
        ("/usr/local/bin/github-mcp-server", ["stdio"], "local:github-mcp-server", "", False),
        ("npx", ["-y", "mcp-remote", "https://MCP.acme.example:443/mcp/"], CRM_IS, "", False),
        ("deno", ["run", "-A", "npm:@a/b@1.2.3"], "npm:@a/b", "1.2.3", True),
    ],
    ids=lambda row: f"{row[0]} {' '.join(row[1] or ())}",
)  # fmt: skip
def test_a_command_is_known_by_what_it_starts(
    command: str, args: list[str] | None, key: str, version: str, *, pinned: bool
) -> None:
    entry = entry_of("x", "x.json", {"command": command, "args": args})

    assert (entry.identity.key, entry.identity.version, entry.identity.is_pinned) == (key, version, pinned)
    again = entry_of("x", "x.json", entry.as_sent())
    assert again.identity.key == key, entry.command


@for_each(
    "url,key",
    [
        ("https://MCP.Acme.example:443/mcp/", CRM_IS),
        (f"https://al:{SECRET}@mcp.acme.example/mcp?api_key={SECRET}#x", CRM_IS),
        ("https://mcp.zapier.com/api/mcp/s/Zk9mOTk4NzY1NDMyMWFiY2RlZg/mcp", "https://mcp.zapier.com/api/mcp/s/…/mcp"),
        ("https://a.example/u/6f9619ff-8b86-d011-b42d-00cf4fc964ff", "https://a.example/u/…"),
        ("http://localhost:3000/sse", "http://localhost:3000/sse"),
        ("https://[::1]:8443/mcp", "https://[::1]:8443/mcp"),
        ("${input:crm_url}/mcp", "variable:${input:crm_url}"),
    ],
)
def test_an_address_is_known_without_what_is_a_persons_own(url: str, key: str) -> None:
    entry = entry_of("x", "x.json", {"url": url})

    assert entry.identity.key == key
    assert entry_of("x", "x.json", entry.as_sent()) == entry


@for_each(
    "entry",
    [
        {"command": "npx", "args": ["-y", "pkg", "--api-key", SECRET], "env": {"K": SECRET}},
        {"command": "npx", "args": ["-y", "pkg", f"--key={SECRET}", SECRET, f"-p{SECRET}", f"postgres://u:{SECRET}@db"]},
        {"command": f"npx -y pkg --token {SECRET}"},
        {"command": "npx", "args": ["--registry", f"https://u:{SECRET}@npm.example", f"--cache={SECRET}", "pkg"]},
        {"command": "npx", "args": ["--unknown-option", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "pkg"]},
        {"command": "docker", "args": ["run", "-e", f"K={SECRET}", f"--env=K={SECRET}", f"-eK={SECRET}", "a/b"]},
        {"command": "docker", "args": ["run", "-v", f"/{SECRET}:/x", "--name", SECRET, "a/b"]},
        {"command": "env", "args": [f"K={SECRET}", "npx", "pkg"]},
        {"command": "bash", "args": ["-c", f"K={SECRET} npx pkg --token {SECRET}"]},
        {"command": "bash", "args": ["-c", f"curl -H 'X: {SECRET}' https://a.example | sh"]},
        {"command": "uvx", "args": ["--from", f"git+https://u:{SECRET}@github.com/a/b", "b"]},
        {"command": "npx", "args": ["mcp-remote", f"https://a.example/mcp?k={SECRET}", "--header", f"X: {SECRET}"]},
        {"command": "python", "args": ["-c", f"key = '{SECRET}'"]},
        {"command": "/opt/tool", "args": [SECRET, f"--{SECRET}=x"]},
        {"url": f"https://u:{SECRET}@a.example/mcp?key={SECRET}", "headers": {"Authorization": f"Bearer {SECRET}"}},
        {"url": "https://a.example/mcp", "http_headers": {"X-Key": SECRET}, "env": [f"K={SECRET}"]},
        {"url": f"ftp://{SECRET}@a.example"},
        {"command": ["npx", {"token": SECRET}]},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_no_value_leaves_the_reader(entry: dict[str, Any]) -> None:
    read = read_file(json.dumps({"mcpServers": {"x": entry}}).encode(), "~/.cursor/mcp.json")
    told = json.dumps([*(one.as_sent() for one in read.entries), *(one.as_sent() for one in read.unread)])

    assert len(read.entries) + len(read.unread) == 1
    assert SECRET not in told
    assert "ghp_" not in told


def test_names_of_variables_and_headers_are_told() -> None:
    entry = entry_of(
        "x",
        "x.json",
        {"command": "docker", "args": ["run", "-e", "A=1", "a/b"], "env": {"B": "2"}, "headers": {"X-C": "3"}},
    )

    assert (entry.variables, entry.headers) == (("B", "A"), ("X-C",))


def test_one_bad_entry_is_named_with_its_reason_and_the_rest_is_read() -> None:
    bad = {
        "nothing": {"args": []}, "text": "npx", "objects": {"command": "npx", "args": [{"a": 1}]}, "list": [],
        "nowhere": {"url": "not an address"}, "number": {"url": 7}, "empty": {"command": " "},
    }  # fmt: skip
    odd = {"odd type": {"type": "carrier-pigeon", **FS}, "no args": {"command": "npx pkg", "args": None}}
    read = read_file(json.dumps({"mcpServers": bad | odd}).encode(), "~/.cursor/mcp.json")

    assert [entry.name for entry in read.entries] == ["odd type", "no args"]
    assert {one.name: one.why for one in read.unread} == {
        "nothing": "It has neither a command nor an address.",
        "text": "It is no object.",
        "objects": "What it is given is no list of texts.",
        "list": "It is no object.",
        "nowhere": "Its address is none.",
        "number": "Its address is no text.",
        "empty": "Its command is empty.",
    }


@for_each("character", ["\0", "\ud800"])
@for_each(
    "entry",
    [
        {"url": "https://x{}.example/"}, {"command": "run{}", "args": []}, {"command": "npx", "args": ["a", "b{}"]},
        {"command": "uvx", "args": ["--from", "git+https://x{}/y", "y"]}, {"command": "npx a", "env": {"A{}": "1"}},
        {"url": "https://x.example/", "headers": {"X-{}": "1"}},
    ],
)  # fmt: skip
def test_an_entry_with_what_no_text_can_keep_is_named_and_the_rest_is_read(
    entry: dict[str, Any], character: str
) -> None:
    bad = json.loads(json.dumps(entry).replace("{}", json.dumps(character)[1:-1]))
    read = read_file(json.dumps({"mcpServers": {f"bad{character}": bad, "good": FS}}).encode(), "~/.cursor/mcp.json")

    assert [one.name for one in read.entries] == ["good"]
    assert [(one.name, one.why) for one in read.unread] == [("bad", "It holds a character that no text can keep.")]
    told: list[Any] = [*(one.as_sent() for one in read.entries), *(one.as_sent() for one in read.unread)]
    json.dumps(told, ensure_ascii=False).encode()


@for_each(
    "raw,why",
    [
        (b"\x7fELF\x02\x01\x00\x00", "It is no text: it holds NUL. Give the configuration itself."),
        (b"\x89PNG\r\n\x1a\n", "It is no text in UTF-8. Give the configuration itself."),
        (b"{" * 5000, "It nests deeper than 200 levels. No client writes such a file."),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "It nests deeper than 200 levels. No client writes such a file."),
        (b'{"mcpServers": {"a": }}', "It is no JSON: line 1, column 22 cannot be read."),
        (b'{"mcpServers": ["a"]}', "Its servers are no object with a name for each."),
        (b"[]", "It holds no object. Give the configuration of a client."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(raw: bytes, why: str) -> None:
    read = read_file(raw, "~/.cursor/mcp.json")

    assert (read.entries, [one.why for one in read.unread]) == ([], [why])


def test_a_file_of_10_mb_is_read_and_one_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    history = {"history": ["x" * 1000] * 10_000, "mcpServers": {"fs": FS}}
    raw = json.dumps(history).encode()
    assert len(raw) > 10_000_000
    assert found(raw) == {"fs": FS_IS}
    # Unclosed quotes and comments must not make reading slow: each character is looked at once.
    begun = time.process_time()
    assert read_file(b'{"a": ' + b'"\\' * 200_000 + b"/*" * 200_000, "x.json").unread
    assert time.process_time() - begun < 5

    monkeypatch.setattr(documents, "FILE_LIMIT", 1024 * 1024)
    assert [one.why for one in read_file(raw, "x.json").unread] == [
        "It is larger than 1 MiB. Give the configuration alone."
    ]


@for_each("raw", [b"/*" + b"a" * 400_000, b"/*" + b"*a" * 200_000, b'{"a": "' + b"\\\\" * 200_000 + b'",}'])
def test_a_reader_remembers_no_character_of_a_comment_and_no_escape(raw: bytes) -> None:
    tracemalloc.start()
    try:
        assert read_file(raw, "x.json").unread == []
        assert tracemalloc.get_traced_memory()[1] < 20 * len(raw)
    finally:
        tracemalloc.stop()


def test_what_looks_like_a_comment_or_a_comma_too_many_stays_in_a_string() -> None:
    raw = b'{"mcpServers": {"a": {"command": "x", "env": {"K": "/* \\\\"}}, /* \\" ,} */ "b,}": {"url": "https://b.example/",},},}'
    assert found(raw) == {"a": "local:x", "b,}": "https://b.example"}


def test_keys_of_toml_that_a_reader_takes_gigabytes_for_are_refused() -> None:
    for line in (
        b"[" + b"a." * 5_000 + b"a]",
        b'"a"' + b" . a" * 5_000 + b" = 1",
        b"x = {" + b"a." * 5_000 + b"a = 1}",
    ):
        read = read_file(b'y = """\n"""\n' + line, "config.toml")
        assert [one.why for one in read.unread] == ["It is no TOML: line 2 cannot be read."]
    points = b"." * 5_000
    texts = b'"%b"' % points, b"'%b'" % points, b'"""\\"%b""""' % points, b"'''%b'''" % points, b"1 # " + points
    servers = b'[mcp_servers.fs]\ncommand = "fs"\n' + b"".join(b"x%d = %b\n" % row for row in enumerate(texts))
    assert found(servers, "config.toml") == {"fs": "local:fs"}
    large = read_file(b"#" * (1024 * 1024 + 1), "config.toml")
    assert [one.why for one in large.unread] == ["It is larger than 1 MiB. No client has such a file."]


def test_5000_entries_are_read_and_the_next_one_is_named() -> None:
    many = {f"s{at}": {"command": "npx", "args": ["-y", f"pkg-{at}@1.0.0"]} for at in range(5001)}
    read = read_file(json.dumps({"mcpServers": many}).encode(), "x.json")

    assert len(read.entries) == reading.ENTRIES_LIMIT == 5000
    assert [one.why for one in read.unread] == ["It has more than 5000 servers. The rest is not read."]


@for_each("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_whatever_mark_an_editor_left_is_read(encoding: str) -> None:
    assert found(json.dumps({"mcpServers": {"fs": FS}}).encode(encoding)) == {"fs": FS_IS}


@for_each("raw", [b"", b"  \n", b"// nothing yet\n", b"{}", b'{"editor.fontSize": 12}', b'{"mcpServers": {}}'])
def test_a_file_without_servers_is_no_mistake(raw: bytes) -> None:
    read = read_file(raw, "settings.json")

    assert (read.entries, read.unread) == ([], [])


def test_a_persons_own_folder_is_not_told() -> None:
    raw = json.dumps({"projects": {"C:\\Users\\al\\x": {"mcpServers": {"fs": FS}}}}).encode()

    assert [one.place for one in read_file(raw, "/home/al/.claude.json").entries] == ["~/.claude.json in ~\\x"]


def test_a_name_shows_what_nobody_sees_to_nobody() -> None:
    entry = entry_of("f\u202es\u200b \x1b[31m", "x.json", FS)

    assert entry.name == "f s [31m"


@for_each(
    "text",
    [
        TOML.decode(),
        '[mcp_servers."a b".env]\nX = """multi\nline"""\nY = \'\'\'it\'s\'\'\'\n[[list]]\na = 1\n',
        "[mcp_servers.a]\nargs = [ # first\n  'x', # c\n  \"y\\u00e9\",\n]\nenabled = true\n",
        "mcp_servers.a.command = 'npx'\nmcp_servers.a.env = { K = 'v', 'L.M' = \"w\" }\n",
    ],
)
def test_toml_is_read_the_same_where_python_has_no_reader(text: str) -> None:
    assert _strings(read_toml_tables(text)) == _strings(tomllib.loads(text))


@for_each("text", ["[a", "a = ", 'a = "x', "[a]\nb = [1, 2\n", "= 1", "a = 1 b = 2"])
def test_toml_that_is_none_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        read_toml_tables(text)


def test_what_a_registry_names_is_what_a_command_starts() -> None:
    names = {
        "npm:@a/b": ("npm", "@a/b", "1.2.3"),
        "pypi:mcp-server-fetch": ("pypi", "mcp_server_fetch", "2025.4.7"),
        "oci:mcp/fetch": ("oci", "docker.io/mcp/fetch:1.0", ""),
        "nuget:acme.mcp": ("nuget", "Acme.Mcp", "1.0.0"),
    }

    assert {key: getattr(package_of(*row), "key", None) for key, row in names.items()} == {key: key for key in names}
    assert package_of("mcpb", "https://a.example/x.mcpb", "1") is None
    assert address_of("ftp://a.example") is None


def test_an_entry_that_is_nothing_is_refused() -> None:
    with pytest.raises(BadEntry, match="neither a command nor an address"):
        entry_of("x", "x.json", {})


def _strings(value: Any) -> Any:
    """Return what was read with numbers as their text: nothing of a server is one."""
    if isinstance(value, dict):
        return {key: _strings(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_strings(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
