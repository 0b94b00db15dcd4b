//! Manifests of Secrets.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ccx_sec::store::manifest;
use ccx_sec::store::secret::Secret;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use zeroize::Zeroizing;

use super::{cases, code, damaged, of_words};

/// Words that YAML 1.1 or 1.2 takes for something other than text, or for its own marks.
#[rustfmt::skip]
const YAML: &[&str] = &[
    "apiVersion: v1\n", "kind: Secret\n", "metadata: {name: a}\n", "metadata:\n",
    "  name: a\n", "data:\n", "  k: aGk=\n", "stringData: ", "{", "}", "[", "]", ",", ": ",
    "- ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "? ", "| ", "|-\n", ">+2\n", "'", "\"",
    "\\", "#", "%YAML 1.2\n", "---\n", "...\n", "!!binary ", "!!set ", "!x ", "~", "null",
    "yes", "n", "0x1F", "1_000", "1e3", ".inf", "12:30:45", "2026-01-01", "=", "\u{feff}",
    "\u{0}", "\u{85}", "\u{2028}", "\r",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        select(YAML).prop_map(str::to_owned),
        "[a-z0-9._-]{1,12}",
        "[0-9eExXob_+.:-]{1,8}",
        any::<String>(),
    ]
}

prop_compose! {
    fn secret()(
        name in word(), kind in word(), immutable: bool,
        labels in btree_map(word(), word(), 0..4),
        annotations in btree_map(word(), word(), 0..4),
        data in btree_map(word(), vec(any::<u8>(), 0..80), 0..4),
    ) -> Secret {
        let data = data.into_iter().map(|(key, value)| (key, Zeroizing::new(value))).collect();
        Secret { name, kind, labels, annotations, data, removed: BTreeSet::new(), immutable, version: None }
    }
}

fn read_back(text: &str) -> Secret {
    let read = manifest::secret_from_yaml("x", text.as_bytes());
    let mut secret = read.unwrap_or_else(|error| panic!("{error:?}: {text}"));
    assert_eq!(secret.version.take().map(|version| version.len()), Some(64));
    secret
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn secret_reads_back(secret in secret()) {
        let text = manifest::secret_to_yaml(&secret).expect("YAML");
        prop_assert!(read_back(&text) == secret, "{}", text.as_str());
    }

    #[test]
    fn what_kubectl_prints_is_read(secret in secret(), pretty: bool) {
        let data: BTreeMap<_, _> = secret.data.iter().map(|(key, value)| {
            (key, STANDARD.encode(value.as_slice()))
        }).collect();
        let document = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": secret.kind, "data": data,
            "immutable": secret.immutable,
            "metadata": {
                "name": secret.name, "namespace": "n", "labels": secret.labels,
                "annotations": secret.annotations, "uid": "5", "resourceVersion": "12",
                "creationTimestamp": null, "managedFields": [{"fieldsV1": {"f:data": {".": {}}}}],
            },
        });
        let text =
            if pretty { format!("{document:#}\n") } else { document.to_string() };
        prop_assert!(read_back(&text) == secret, "{}", text);
    }

    #[test]
    fn manifest_may_be_any_text(bytes in vec(any::<u8>(), 0..256), text in of_words(YAML)) {
        for bytes in [&bytes[..], text.as_bytes()] {
            let told = code(manifest::secret_from_yaml("x", bytes)).map(drop);
            prop_assert!(matches!(told, Ok(()) | Err("manifest-damaged")), "{:?}", told);
        }
    }

    #[test]
    fn damaged_manifest_shows_nothing_of_its_values(bytes in damaged(vec![
        manifest::secret_to_yaml(&Secret::new("a", "Opaque").with("k", [0; 60]))
            .expect("YAML").as_bytes().to_vec()
    ])) {
        if let Err(error) = manifest::secret_from_yaml("x", &bytes) {
            let told = format!("{error:?} {:?}", error.hints());
            prop_assert!(!told.contains("AAAAAAAA"), "{}", told);
        }
    }
}
