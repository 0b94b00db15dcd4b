//! Secrets, ConfigMaps and StorageClasses as YAML for `kubectl apply`.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::pki::sha256_hex;
use crate::store::secret::{MANAGED_BY, Secret};
use crate::text::clip;

/// The size limit of a manifest that is read, in bytes: a full Secret in base64, twice (kubectl
/// keeps a copy in an annotation), and room to spare.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    api_version: String,
    kind: String,
    metadata: ObjectMetadata,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    secret_type: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    immutable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<BTreeMap<String, Zeroizing<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_data: Option<BTreeMap<String, Zeroizing<String>>>,
}

#[derive(Serialize, Deserialize)]
struct ObjectMetadata {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

/// Encodes a Secret as YAML, without a namespace: `kubectl apply -n` names it.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn secret_to_yaml(secret: &Secret) -> Result<Zeroizing<String>> {
    let some = |map: &BTreeMap<String, String>| (!map.is_empty()).then(|| map.clone());
    let encode = |(key, value): (&String, &Zeroizing<Vec<u8>>)| {
        (key.clone(), Zeroizing::new(STANDARD.encode(value.as_slice())))
    };
    to_yaml(&Manifest {
        api_version: "v1".to_owned(),
        kind: "Secret".to_owned(),
        metadata: ObjectMetadata {
            name: secret.name.clone(),
            labels: some(&secret.labels),
            annotations: some(&secret.annotations),
        },
        secret_type: Some(secret.kind.clone()),
        immutable: secret.immutable,
        data: Some(secret.data.iter().map(encode).collect()),
        string_data: None,
    })
}

/// Encodes a StorageClass as YAML. Its volumes are bound at first use, can grow, and are retained
/// after their claim is deleted: a person decides about deleting data.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn storage_class_to_yaml(
    name: &str,
    provisioner: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Zeroizing<String>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct StorageClass<'a> {
        api_version: &'static str,
        kind: &'static str,
        metadata: ObjectMetadata,
        provisioner: &'a str,
        parameters: &'a BTreeMap<String, String>,
        reclaim_policy: &'static str,
        volume_binding_mode: &'static str,
        allow_volume_expansion: bool,
    }
    let ours = BTreeMap::from([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())]);
    to_yaml(&StorageClass {
        api_version: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: ObjectMetadata { name: name.to_owned(), labels: Some(ours), annotations: None },
        provisioner,
        parameters,
        reclaim_policy: "Retain",
        volume_binding_mode: "WaitForFirstConsumer",
        allow_volume_expansion: true,
    })
}

/// Encodes a ConfigMap with one key as YAML.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn config_map_to_yaml(name: &str, key: &str, text: &str) -> Result<Zeroizing<String>> {
    let ours = BTreeMap::from([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())]);
    to_yaml(&Manifest {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        metadata: ObjectMetadata { name: name.to_owned(), labels: Some(ours), annotations: None },
        secret_type: None,
        immutable: false,
        data: Some(BTreeMap::from([(key.to_owned(), Zeroizing::new(text.to_owned()))])),
        string_data: None,
    })
}

/// Encodes any manifest as YAML.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn to_yaml(manifest: &impl Serialize) -> Result<Zeroizing<String>> {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let mut text = Zeroizing::new(String::with_capacity(4096));
    serde_saphyr::to_fmt_writer_with_options(&mut *text, manifest, options).map_err(|source| {
        Error::failed(Code::ManifestEncoding, "cannot encode the manifest").because(source)
    })?;
    Ok(text)
}

/// Reads a Secret from YAML or JSON; errors call the input `origin`. The version of the Secret is
/// the hash of the bytes. No error quotes the content.
///
/// # Errors
/// Exit 3 when it is not a manifest of one Secret, or a value is not base64.
pub fn secret_from_yaml(origin: &str, bytes: &[u8]) -> Result<Secret> {
    let damaged = |what: String| {
        Error::failed(
            Code::ManifestDamaged,
            format!("{origin} is not a manifest of a Secret: {what}"),
        )
        .hint("restore it from a backup")
    };
    // The parser's own messages quote the lines around a fault, and those hold keys.
    let options = serde_saphyr::options! { with_snippet: false };
    let manifest: Manifest =
        serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| {
            damaged(match error.location() {
                Some(at) => format!("line {}, column {} cannot be read", at.line(), at.column()),
                None => "it is not YAML, or it is incomplete".to_owned(),
            })
        })?;
    if manifest.kind != "Secret" || manifest.api_version != "v1" {
        return Err(damaged(format!("its kind is {:?}", clip(&manifest.kind, 64))));
    }
    let mut data = BTreeMap::new();
    for (key, value) in manifest.data.unwrap_or_default() {
        let value = STANDARD
            .decode(value.as_bytes())
            .map_err(|_| damaged(format!("the value of {:?} is not base64", clip(&key, 64))))?;
        data.insert(key, Zeroizing::new(value));
    }
    for (key, value) in manifest.string_data.unwrap_or_default() {
        data.insert(key, Zeroizing::new(value.as_bytes().to_vec()));
    }
    Ok(Secret {
        name: manifest.metadata.name,
        kind: manifest.secret_type.unwrap_or_else(|| "Opaque".to_owned()),
        labels: manifest.metadata.labels.unwrap_or_default(),
        annotations: manifest.metadata.annotations.unwrap_or_default(),
        data,
        removed: BTreeSet::new(),
        immutable: manifest.immutable,
        version: Some(sha256_hex(bytes)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        match secret_from_yaml("x.yaml", text.as_bytes()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn round_trip() {
        let secret = Secret::new("ccx-ca", "kubernetes.io/tls").with("tls.key", vec![0, 1, 255]);
        let text = secret_to_yaml(&secret).expect("yaml");
        let mut again = secret_from_yaml("x", text.as_bytes()).expect("a secret");
        assert!(again.version.take().is_some());
        assert_eq!(again, secret);
    }

    #[test]
    fn what_kubectl_writes_is_read() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  namespace: n\n  \
            creationTimestamp: \"2026-01-01T00:00:00Z\"\n  managedFields: [{manager: x}]\n  \
            resourceVersion: \"5\"\n  uid: u\ntype: Opaque\ndata:\n  k: aGk=\nstringData:\n  t: hi\n";
        let secret = secret_from_yaml("x", text.as_bytes()).expect("a secret");
        assert_eq!(secret.value("k").expect("k"), b"hi");
        assert_eq!(secret.value("t").expect("t"), b"hi");
    }

    #[test]
    fn faults_are_told_without_what_stands_in_the_file() {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        for text in [
            format!("{head}data:\n  tls.key: HUNTER2*\n"),
            format!("{head}data:\n  tls.key: [HUNTER2]\n"),
            format!("{head}data:\n  tls.key: \"HUNTER2\n"),
            format!("{head}data: HUNTER2\n"),
            "HUNTER2".to_owned(),
            "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {k: HUNTER2}\n".to_owned(),
            String::new(),
            "\u{0}".to_owned(),
        ] {
            let told = code(&text);
            assert!(told.contains("manifest-damaged"), "{told}");
            assert!(!told.contains("HUNTER2"), "{told}");
        }
    }

    #[test]
    fn a_yaml_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
        }
        bomb.push_str("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n");
        assert!(code(&bomb).contains("manifest-damaged"));
        assert!(code(&"[".repeat(100_000)).contains("manifest-damaged"));
    }
}
