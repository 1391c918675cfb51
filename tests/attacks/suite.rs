//! The adversarial suite: every attack of `paracle-host doctor --attack`, each a test of its own.
//!
//! The program says whether an attack was held; the test says by itself how it must have ended.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::TestEnv;

/// How an attack must end, as the answer's documents say it.
enum Ended {
    /// The call reached the limit of one of these keys.
    Limit(&'static [&'static str]),
    /// The call failed with an error of this kind.
    Error(&'static str),
    /// The tool was refused what it asked for, and answered with these words.
    Told(&'static str),
    /// What was asked of the network failed, and the guest was told so in these words.
    Failed(&'static str),
    /// The call was answered.
    Answered,
    /// The plugin was not loaded, for a reason of this kind.
    NotLoaded(&'static str),
    /// The plugin was loaded.
    Loaded,
    /// Nobody noticed.
    Unnoticed,
}

use Ended::{Answered, Error, Failed, Limit, Loaded, NotLoaded, Told, Unnoticed};

const TIME: Ended = Limit(&["time_ms", "cpu_ms"]);

/// Runs an attack. That the host lives and that each call of the neighbour was answered right is part of `held`.
fn check(name: &str, must: &Ended) {
    let env = TestEnv::bare_folder();
    let name = name.replace('_', "-");
    let told = env.run(&["doctor", "--attack", &name, "--json"]);
    let document = told.json();
    let attack = &document["attacks"][0];
    assert_eq!(attack["attack"], name.as_str(), "{document}");
    assert_eq!(attack["wrong"], serde_json::json!([]), "{attack:#}");
    assert_eq!(attack["held"], true, "{attack:#}");
    assert_eq!(attack["neighbour"]["wrong"], Value::Null, "{attack:#}");
    assert!(
        attack["neighbour"]["calls"].as_u64().unwrap() > 0,
        "{attack:#}"
    );
    let ended = &attack["ended"];
    let is = |how: &str| ended["how"] == how;
    let as_it_must = match must {
        Limit(keys) => {
            let key = ended["limit"].as_str().unwrap_or_default();
            is("limit") && keys.iter().any(|must| key.starts_with(must))
        }
        Error(kind) => is(kind),
        Told(words) => is("tool") && ended["message"].as_str().unwrap().contains(words),
        Failed(words) => {
            let failed = ended["failed"].as_str();
            is("answered") && failed.is_some_and(|said| said.contains(words))
        }
        Answered => is("answered"),
        NotLoaded(reason) => is("unloaded") && ended["reason"] == *reason,
        Loaded => is("loaded"),
        Unnoticed => true,
    };
    assert!(as_it_must, "{attack:#}");
    drop(told.exits(0));
}

/// Makes a test of each attack, and the list of them.
macro_rules! attacks {
    (
        held { $($name:ident: $must:expr;)* }
    ) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), &$must);
        })*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

attacks! {
    held {
        endless_loop: TIME;
        endless_wait: TIME;
        loop_in_start: NotLoaded("limit");
        loop_in_metadata: NotLoaded("limit");
        loop_in_tools: NotLoaded("limit");
        loop_in_initialize: NotLoaded("limit");
        memory_bomb: Limit(&["memory_mib"]);
        memory_bomb_in_start: NotLoaded("limit");
        memory_declared: NotLoaded("component");
        memories_declared: NotLoaded("component");
        table_declared: NotLoaded("component");
        tables_declared: NotLoaded("component");
        instance_bomb: NotLoaded("component");
        component_bomb: NotLoaded("component");
        stack_overflow: Error("plugin");
        result_of_a_gib: Limit(&["memory_mib"]);
        result_too_large: Limit(&["result_kib"]);
        deep_folders: Told("name-too-long");
        self_wait: TIME;
        dots: Answered;
        absolute_paths: Answered;
        symlinks: Answered;
        symlink_loops: Answered;
        moved_symlinks: Answered;
        symlinked_settings: Answered;
        hard_links: Answered;
        rename_race: Answered;
        dot_git: Answered;
        dot_git_in_capitals: Answered;
        ntfs_disguises: Answered;
        hfs_disguises: Answered;
        own_grants: Answered;
        nul_in_names: Answered;
        long_names: Answered;
        read_handles: Answered;
        read_only: Answered;
        others_secrets: Answered;
        others_secrets_without_grant: Answered;
        panic: Error("plugin");
        abort: Error("plugin");
        exit: Error("plugin");
        protocol_on_stdout: Answered;
        garbled_code: Unnoticed;
        truncated_code: Unnoticed;
        trap_in_start: NotLoaded("crash");
        trap_in_metadata: NotLoaded("crash");
        trap_in_initialize: NotLoaded("crash");
        plugin_name_taken: NotLoaded("duplicate");
        plugin_name_with_a_path: NotLoaded("metadata");
        plugin_name_with_bidi: NotLoaded("metadata");
        tool_name_forged: NotLoaded("metadata");
        tool_name_with_control: NotLoaded("metadata");
        tool_name_with_bidi: NotLoaded("metadata");
        tool_name_hidden: NotLoaded("metadata");
        tool_icon_hidden: NotLoaded("metadata");
        tool_name_with_nul: NotLoaded("metadata");
        tool_name_of_64_kib: NotLoaded("metadata");
        tool_name_twice: NotLoaded("metadata");
        tools_without_end: NotLoaded("metadata");
        schema_10000_deep: NotLoaded("metadata");
        schema_of_32_mib: NotLoaded("metadata");
        schema_from_the_network: NotLoaded("schema");
        schema_from_a_file: NotLoaded("schema");
        schema_that_doubles: NotLoaded("schema");
        schema_in_a_circle: NotLoaded("schema");
        schema_name_hidden: NotLoaded("schema");
        schema_name_with_bidi: NotLoaded("schema");
        schema_const_hidden: NotLoaded("schema");
        schema_enum_hidden: NotLoaded("schema");
        schema_text_hidden: Loaded;
        poisoned_code: Unnoticed;
        loop_of_host_calls: Limit(&["host_calls"]);
        log_flood: Limit(&["log_"]);
        print_flood: Limit(&["log_"]);
        handle_leak: Limit(&["handles"]);
        stream_leak: Limit(&["handles"]);
        pollable_leak: Limit(&["handles"]);
        small_files: Limit(&["files"]);
        large_file: Limit(&["file_mib"]);
        large_files: Limit(&["write_mib"]);
        self_call: Limit(&["depth"]);
        mutual_calls: Limit(&["depth"]);
        result_echo: Limit(&["message_mib"]);
        metadata_of_200_mib: NotLoaded("limit");
        log_line: Limit(&["message_mib"]);
        network_without_grant: Failed("HttpRequestDenied");
        ssrf_by_address: Failed("HttpRequestDenied");
        ssrf_by_name: Failed("HttpRequestDenied");
        ssrf_by_mapped_address: Failed("HttpRequestDenied");
        ssrf_by_decimal: Failed("HttpRequestUriInvalid");
        ssrf_by_octal: Failed("HttpRequestUriInvalid");
        ssrf_by_user: Failed("HttpRequestUriInvalid");
        ssrf_to_metadata: Failed("HttpRequestDenied");
        ssrf_by_socket: Failed("Permission denied");
        redirect: Error("denied");
        header_injection: Failed("HeaderError::InvalidSyntax");
        host_forged: Failed("HeaderError::Forbidden");
        length_twice: Failed("HeaderError::InvalidSyntax");
        endless_body: Limit(&["http_in_kib"]);
        slow_drip: Limit(&["time_ms"]);
        endless_head: Failed("HttpProtocolError");
        secret_to_another_host: Failed("HttpRequestDenied");
        secret_in_path: Failed("a secret is put into headers only");
        secret_in_query: Failed("a secret is put into headers only");
        secret_in_body: Answered;
        changed_tool_list: NotLoaded("not-approved");
    }
}

#[test]
pub(crate) fn every_attack_of_the_table_has_a_test() {
    let env = TestEnv::bare_folder();
    let table = env.run(&["doctor", "--list", "--json"]).exits(0).json();
    let table: BTreeSet<String> = table
        .as_array()
        .unwrap()
        .iter()
        .map(|attack| attack["attack"].as_str().unwrap().replace('-', "_"))
        .collect();
    let tested = TESTED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(table, tested, "the table of attacks, and their tests here");
}

#[test]
fn an_attack_that_there_is_not_is_bad_usage() {
    let env = TestEnv::bare_folder();
    let words = ["doctor", "--attack", "nonsense"];
    drop(
        env.run(&words)
            .exits(2)
            .says(&["nonsense", "doctor --list"]),
    );
}

#[test]
fn who_watches_the_attacks_sees_which_one_runs_and_what_came_of_it() {
    let env = TestEnv::bare_folder();
    let told = env.run(&["doctor", "--attack", "panic", "dots"]).exits(0);
    let seen: Vec<&str> = told.stderr.lines().collect();
    assert!(
        seen.len() >= 2 && seen[0].contains("1/2 panic: ") && seen[1].contains("2/2 dots: "),
        "{told:?}"
    );
    // That the guest was answered is no word for a person who asks whether it got through.
    assert!(
        told.stdout.contains("nothing came through") && !told.stdout.contains("answered"),
        "{told:?}"
    );
    // A program reads one document, and nothing beside it.
    let told = env.run(&["doctor", "--attack", "panic", "--json"]).exits(0);
    assert_eq!(told.stderr, "");
}
