//! What the command line is made of.

use std::ffi::OsString;
use std::path::{Component, Path};

use ccx_sec::cli;
use ccx_sec::config::Configuration;
use ccx_sec::error::Result;
use ccx_sec::pki::constraints::{DnsSubtree, IpSubtree};
use ccx_sec::pki::validity::Length;
use ccx_sec::store::location::{self, Environment, StoreArguments};
use ccx_sec::store::secret::Secret;
use clap::Parser;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{cases, code};

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn length_ends_after_it_begins(text in "\\PC{0,20}|[0-9]{1,20} ?[a-zµ]{1,8}( [0-9]+[dhms])?") {
        let from = Timestamp::UNIX_EPOCH;
        if let Ok(length) = code(text.parse::<Length>()) {
            match code(length.after(from)) {
                Ok(end) => prop_assert!(end > from, "{}", text),
                Err(code) => prop_assert_eq!(code, "date-past-9999"),
            }
        }
    }

    #[test]
    fn range_without_host_bits_is_taken(v6: bool, address: u128, prefix in 0..=128u8) {
        let (bits, width) = if v6 { (address, 128) } else { (address >> 96 << 96, 32) };
        let prefix = prefix.min(width);
        let masked = if prefix == 0 { 0 } else { bits >> (128 - prefix) << (128 - prefix) };
        let show = |bits: u128| match v6 {
            true => format!("{}/{prefix}", std::net::Ipv6Addr::from(bits)),
            false => format!("{}/{prefix}", std::net::Ipv4Addr::from((bits >> 96) as u32)),
        };
        prop_assert!(show(masked).parse::<IpSubtree>().is_ok(), "{}", show(masked));
        let told = code(show(bits).parse::<IpSubtree>()).map(drop);
        let expected = if bits == masked { Ok(()) } else { Err("constraint-host-bits") };
        prop_assert_eq!(told, expected, "{}", show(bits));
    }

    #[test]
    fn constraints_may_be_any_text(text in "\\PC{0,30}|[a-z0-9.*:/-]{0,40}") {
        let _ = code(text.parse::<IpSubtree>());
        if code(text.parse::<DnsSubtree>()).is_ok() {
            prop_assert!(text.is_ascii() && !text.contains(char::is_whitespace), "{}", text);
        }
    }

    #[test]
    fn name_of_a_secret_is_one_file_name(name in "\\PC{0,20}|[a-z0-9./-]{0,260}") {
        if code(Secret::check_name(&name)).is_ok() {
            let file = format!("{name}.yaml");
            let parts: Vec<Component<'_>> = Path::new(&file).components().collect();
            prop_assert!(matches!(parts[..], [Component::Normal(_)]) && file.len() < 264);
        }
    }

    #[test]
    fn store_is_chosen_or_refused(
        store in proptest::option::of("\\PC{0,12}|k8s|dir:\\PC{0,8}"),
        context in proptest::option::of("[a-z]{0,3}"),
        kubeconfigs in vec("[a-z/]{1,8}", 0..3),
        in_pod: bool, home: bool,
    ) {
        let options = StoreArguments { store: store.clone(), context, ..StoreArguments::default() };
        let around = Environment {
            kubeconfigs: kubeconfigs.iter().map(Into::into).collect(),
            in_pod,
            state_home: home.then(|| "/state".into()),
            ..Environment::default()
        };
        let chosen = code(location::choose(&options, &around));
        if let Some(store) = store.filter(|store| store != "k8s" && !store.starts_with("dir:")) {
            prop_assert_eq!(chosen.map(drop), Err("store-unknown"), "{}", store);
        }
    }
}

/// Words of our command line.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "ca", "init", "show", "export", "doctor", "completion", "-o", "json", "-ojson",
    "--output=yaml", "--store", "dir:x", "--permit-ip", "10.0.0.1/8", "--validity=10y",
    "--timeout", "--", "-", "--help",
];

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_command_line_parses_or_is_told(
        words in vec(prop_oneof![3 => select(WORDS).prop_map(str::to_owned), 1 => "\\PC{0,9}"], 0..7)
    ) {
        let words: Vec<OsString> =
            ["ccx-sec".to_owned()].into_iter().chain(words).map(OsString::from).collect();
        let _ = cli::format_wanted(&words, &Configuration::default());
        if let Err(error) = cli::Cli::try_parse_from(&words) {
            let told: Result<()> = Err(cli::usage(&error));
            prop_assert!(!error.use_stderr() || code(told).is_err());
            prop_assert_eq!(cli::usage(&error).exit().code(), 2);
        }
    }
}
