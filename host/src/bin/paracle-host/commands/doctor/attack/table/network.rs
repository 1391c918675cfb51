//! Ways out to the network, and what may come back from there.

use super::super::act::{Act, Answers, Attack, Ends};

/// What lets a plugin go everywhere, except where a rule has to name the place.
const WIDE: &str = "{name: net, grants: {network: ['https://*', 'http://*:*']}}";
/// What even lets it go to private places.
const WIDEST: &str = "{name: net, grants: {network: ['* http://*:* private']}}";
const HERE: &str = "{name: net, grants: {network: ['* http://$HERE']}}";
/// The secret is for this server, and for headers.
const SECRET: &str =
    "{name: net, grants: {network: ['* http://$HERE'], secrets: ['KEY@127.0.0.1']}}";
/// The secret is for another server.
const SECRET_ELSEWHERE: &str =
    "{name: net, grants: {network: ['* http://$HERE'], secrets: ['KEY@example.com']}}";

const DENIED: Ends = Ends::Failed("HttpRequestDenied");
const NO_HOST: Ends = Ends::Failed("HttpRequestUriInvalid");
const ONLY_HEADERS: Ends = Ends::Failed("a secret is put into headers only");

/// Makes a row of a request that must not leave the host.
const fn stays(
    name: &'static str,
    tries: &'static str,
    entries: &'static str,
    arguments: &'static str,
    ends: Ends,
) -> Attack {
    let act = Act::Reach("net__request", arguments, Answers::Hello, 0);
    row([name, tries, entries], act, ends)
}

/// Makes a row of a request that reaches the server, which attacks by what it answers.
const fn answered(
    name: &'static str,
    tries: &'static str,
    entries: &'static str,
    answers: Answers,
    ends: Ends,
) -> Attack {
    let act = Act::Reach("net__request", r#"{"authority": "$HERE"}"#, answers, 1);
    row([name, tries, entries], act, ends)
}

const fn row([name, tries, entries]: [&'static str; 3], act: Act, ends: Ends) -> Attack {
    Attack {
        name,
        tries,
        guests: &["net"],
        entries,
        act,
        ends,
    }
}

pub(super) const ATTACKS: &[Attack] = &[
    stays(
        "network-without-grant",
        "goes out with nothing granted",
        "",
        r#"{"authority": "$HERE"}"#,
        DENIED,
    ),
    stays(
        "ssrf-by-address",
        "reaches this machine by a rule for everywhere",
        WIDE,
        r#"{"authority": "$HERE"}"#,
        DENIED,
    ),
    stays(
        "ssrf-by-name",
        "reaches this machine by its name",
        WIDE,
        r#"{"authority": "localhost:$PORT"}"#,
        DENIED,
    ),
    stays(
        "ssrf-by-mapped-address",
        "reaches this machine by IPv4 in IPv6",
        WIDE,
        r#"{"authority": "[::ffff:127.0.0.1]:$PORT"}"#,
        DENIED,
    ),
    stays(
        "ssrf-by-decimal",
        "writes an address as one number",
        WIDEST,
        r#"{"authority": "2130706433:$PORT"}"#,
        NO_HOST,
    ),
    stays(
        "ssrf-by-octal",
        "writes an address in octal",
        WIDEST,
        r#"{"authority": "0177.0.0.1:$PORT"}"#,
        NO_HOST,
    ),
    stays(
        "ssrf-by-user",
        "hides an address behind a user's name",
        WIDEST,
        r#"{"authority": "good@127.0.0.1:$PORT"}"#,
        NO_HOST,
    ),
    stays(
        "ssrf-to-metadata",
        "asks a cloud for the machine's credentials",
        WIDEST,
        r#"{"authority": "169.254.169.254"}"#,
        DENIED,
    ),
    Attack {
        name: "ssrf-by-socket",
        tries: "connects a raw socket to this machine by a name that was granted",
        guests: &["net"],
        entries: "{name: net, grants: {sockets: ['tcp://localhost:$PORT']}}",
        act: Act::Reach(
            "net__socket",
            r#"{"what": "tcp", "to": "localhost:$PORT"}"#,
            Answers::Hello,
            0,
        ),
        ends: Ends::Failed("Permission denied"),
    },
    Attack {
        name: "redirect",
        tries: "is led by an answer to where it may not go",
        guests: &["web"],
        entries: "{name: web, grants: {network: ['http://$HERE/granted']}}",
        act: Act::Reach(
            "web__fetch",
            r#"{"url": "http://$HERE/granted"}"#,
            Answers::Redirect,
            1,
        ),
        ends: Ends::Error("denied"),
    },
    stays(
        "header-injection",
        "breaks the line in a header's value",
        HERE,
        r#"{"authority": "$HERE", "headers": [["x-a", "b\r\nhost: evil"]]}"#,
        Ends::Failed("HeaderError::InvalidSyntax"),
    ),
    stays(
        "host-forged",
        "says that it asks another host",
        HERE,
        r#"{"authority": "$HERE", "headers": [["Host", "evil"]]}"#,
        Ends::Failed("HeaderError::Forbidden"),
    ),
    stays(
        "length-twice",
        "says two lengths of one body",
        HERE,
        r#"{"authority": "$HERE", "headers": [["content-length", "5"], ["content-length", "6"]]}"#,
        Ends::Failed("HeaderError::InvalidSyntax"),
    ),
    answered(
        "endless-body",
        "is answered without end",
        HERE,
        Answers::EndlessBody,
        Ends::Limit(&["http_in_kib"]),
    ),
    answered(
        "slow-drip",
        "is answered a byte at a time",
        "{name: net, grants: {network: ['http://$HERE']}, limits: {time_ms: 1000}}",
        Answers::Drip,
        Ends::Limit(&["time_ms"]),
    ),
    answered(
        "endless-head",
        "is answered headers without end",
        HERE,
        Answers::EndlessHead,
        Ends::Failed("HttpProtocolError"),
    ),
    stays(
        "secret-to-another-host",
        "sends a secret where it is not for",
        SECRET_ELSEWHERE,
        r#"{"authority": "$HERE", "headers": [["authorization", "{{secret:KEY}}"]]}"#,
        DENIED,
    ),
    stays(
        "secret-in-path",
        "puts a secret into a path",
        SECRET,
        r#"{"authority": "$HERE", "path": "/%7B%7Bsecret:KEY%7D%7D"}"#,
        ONLY_HEADERS,
    ),
    stays(
        "secret-in-query",
        "puts a secret into a query",
        SECRET,
        r#"{"authority": "$HERE", "path": "/?q={{secret:KEY}}"}"#,
        ONLY_HEADERS,
    ),
    Attack {
        name: "secret-in-body",
        tries: "puts a secret into a body",
        guests: &["net"],
        entries: SECRET,
        act: Act::Reach(
            "net__request",
            r#"{"authority": "$HERE", "method": "POST", "body": "{{secret:KEY}}"}"#,
            Answers::Hello,
            1,
        ),
        ends: Ends::Answered,
    },
    Attack {
        name: "changed-tool-list",
        tries: "changes its tools after it was approved",
        guests: &["masks:schema-hidden-text"],
        entries: "",
        act: Act::Change("masks:none", "masks"),
        ends: Ends::Unloaded("not-approved"),
    },
];
