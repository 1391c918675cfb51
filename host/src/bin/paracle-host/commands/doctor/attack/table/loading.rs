//! What a plugin says of itself before anybody calls it: names, schemas, and ends.

use super::super::act::{Attack, Ends};
use super::rows::load;

const METADATA: Ends = Ends::Unloaded("metadata");
const SCHEMA: Ends = Ends::Unloaded("schema");

pub(super) const ATTACKS: &[Attack] = &[
    load(
        "trap-in-start",
        "traps while it is instantiated",
        &["masks:start-trap"],
        Ends::Unloaded("crash"),
    ),
    load(
        "trap-in-metadata",
        "traps instead of telling its name",
        &["masks:metadata-trap"],
        Ends::Unloaded("crash"),
    ),
    load(
        "trap-in-initialize",
        "traps instead of starting",
        &["masks:initialize-trap"],
        Ends::Unloaded("crash"),
    ),
    load(
        "plugin-name-taken",
        "says that it is the neighbour",
        &["masks:name-taken"],
        Ends::Unloaded("duplicate"),
    ),
    load(
        "plugin-name-with-a-path",
        "has a path for a name",
        &["masks:name-path"],
        METADATA,
    ),
    load(
        "plugin-name-with-bidi",
        "turns its name round",
        &["masks:name-bidi"],
        METADATA,
    ),
    load(
        "tool-name-forged",
        "names its tool as if it were the neighbour's",
        &["masks:tool-forged"],
        METADATA,
    ),
    load(
        "tool-name-with-control",
        "steers terminals by a tool's name",
        &["masks:tool-control"],
        METADATA,
    ),
    load(
        "tool-name-with-bidi",
        "turns a tool's name round",
        &["masks:tool-bidi"],
        METADATA,
    ),
    load(
        "tool-name-hidden",
        "hides characters in a tool's name",
        &["masks:tool-hidden"],
        METADATA,
    ),
    load(
        "tool-icon-hidden",
        "hides characters in a picture's address",
        &["masks:icon-hidden"],
        METADATA,
    ),
    load(
        "tool-name-with-nul",
        "cuts a tool's name with NUL",
        &["masks:tool-nul"],
        METADATA,
    ),
    load(
        "tool-name-of-64-kib",
        "names a tool in 64 KiB",
        &["masks:tool-long"],
        METADATA,
    ),
    load(
        "tool-name-twice",
        "has two tools of one name",
        &["masks:tool-twice"],
        METADATA,
    ),
    load(
        "tools-without-end",
        "lists 100,000 tools",
        &["masks:tools-many"],
        METADATA,
    ),
    load(
        "schema-10000-deep",
        "nests a schema 10,000 levels deep",
        &["masks:schema-deep"],
        METADATA,
    ),
    load(
        "schema-of-32-mib",
        "has a schema of 32 MiB",
        &["masks:schema-giant"],
        METADATA,
    ),
    load(
        "schema-from-the-network",
        "refers to a schema on a server",
        &["masks:schema-network"],
        SCHEMA,
    ),
    load(
        "schema-from-a-file",
        "refers to a schema in a file",
        &["masks:schema-file"],
        SCHEMA,
    ),
    load(
        "schema-that-doubles",
        "makes a check take years",
        &["masks:schema-costly"],
        SCHEMA,
    ),
    load(
        "schema-in-a-circle",
        "makes a check ask itself",
        &["masks:schema-circle"],
        SCHEMA,
    ),
    load(
        "schema-name-hidden",
        "hides characters in an argument's name",
        &["masks:schema-hidden-name"],
        SCHEMA,
    ),
    load(
        "schema-name-with-bidi",
        "turns an argument's name round",
        &["masks:schema-bidi-name"],
        SCHEMA,
    ),
    load(
        "schema-const-hidden",
        "demands what nobody sees",
        &["masks:schema-hidden-const"],
        SCHEMA,
    ),
    load(
        "schema-enum-hidden",
        "offers what nobody sees",
        &["masks:schema-hidden-enum"],
        SCHEMA,
    ),
    load(
        "schema-text-hidden",
        "hides orders in a schema's texts",
        &["masks:schema-hidden-text"],
        Ends::Clean,
    ),
];
