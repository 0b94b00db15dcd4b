//! Chains that verifiers of TLS certificates do not agree on, valid at this moment unless that is
//! what is odd about them.

use ccx_sec::pki::certificate::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose as Eku, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose as Ku, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::chains::{Ca, HOST, leaf_params, sans};

/// What a server sends, and what its clients trust.
pub struct OddChain {
    pub name: &'static str,
    /// The server's own certificate first.
    pub sent: Vec<Certificate>,
    /// PKCS#8.
    pub key: Vec<u8>,
    pub anchors: Vec<Certificate>,
}

/// Collects them.
#[derive(Default)]
struct Catalogue(Vec<OddChain>);

/// A server's own certificate and its key.
type Leaf = (Certificate, Vec<u8>);

impl Catalogue {
    fn put(&mut self, name: &'static str, leaf: &Leaf, others: &[&Ca], anchors: &[&Ca]) {
        let anchors = anchors.iter().map(|ca| ca.certificate.clone()).collect();
        self.put_certificates(name, leaf, others, anchors);
    }

    fn put_certificates(
        &mut self,
        name: &'static str,
        leaf: &Leaf,
        others: &[&Ca],
        anchors: Vec<Certificate>,
    ) {
        let others = others.iter().map(|ca| ca.certificate.clone());
        let sent = std::iter::once(leaf.0.clone()).chain(others).collect();
        self.0.push(OddChain { name, sent, key: leaf.1.clone(), anchors });
    }
}

fn days(days: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::days(days)
}

fn params() -> CertificateParams {
    let mut params = leaf_params();
    params.not_before = days(-30);
    params.not_after = days(300);
    params
}

fn leaf(ca: &Ca, change: impl Fn(&mut CertificateParams)) -> Leaf {
    try_leaf(ca, change).expect("read")
}

/// The same, unless it cannot be read.
fn try_leaf(ca: &Ca, change: impl Fn(&mut CertificateParams)) -> Option<Leaf> {
    let mut params = params();
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let signed = params.signed_by(&key, &ca.issuer).expect("signed");
    let read = Certificate::from_der(signed.der().to_vec()).ok()?;
    Some((read, key.serialize_der()))
}

fn self_signed(change: impl Fn(&mut CertificateParams)) -> Leaf {
    let mut params = params();
    params.use_authority_key_identifier_extension = false;
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let signed = params.self_signed(&key).expect("signed");
    (Certificate::from_der(signed.der().to_vec()).expect("read"), key.serialize_der())
}

/// An element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("short");
    let long: &[u8] = if length < 0x80 { &[] } else { &[0x81] };
    [&[tag], long, &[length], content].concat()
}

fn extension(arc: u64, content: Vec<u8>, critical: bool) -> CustomExtension {
    let mut own = CustomExtension::from_oid_content(&[2, 5, 29, arc], content);
    own.set_criticality(critical);
    own
}

/// An authority key identifier that names this key, and the certificate of this issuer.
fn names(params: &mut CertificateParams, key: Option<&[u8]>, issuer: Option<(&Ca, &[u8])>) {
    params.use_authority_key_identifier_extension = false;
    let key = key.map(|key| der(0x80, key)).unwrap_or_default();
    let issuer = issuer.map(|(ca, serial)| {
        let name = parsed(ca).issuer().as_raw().to_vec();
        [der(0xa1, &der(0xa4, &name)), der(0x82, serial)].concat()
    });
    let content = der(0x30, &[key, issuer.unwrap_or_default()].concat());
    params.custom_extensions.push(extension(35, content, false));
}

fn parsed(ca: &Ca) -> X509Certificate<'_> {
    X509Certificate::from_der(ca.certificate.der()).expect("read").1
}

fn serial(ca: &Ca) -> Vec<u8> {
    parsed(ca).raw_serial().to_vec()
}

fn key_id(ca: &Ca) -> Vec<u8> {
    let x509 = parsed(ca);
    let id = x509.extensions().iter().find(|one| one.oid.to_id_string() == "2.5.29.14");
    id.expect("a key identifier").value[2..].to_vec()
}

/// The same authority with the same key, made anew.
fn again(ca: &Ca, name: &str, change: impl Fn(&mut CertificateParams)) -> Ca {
    Ca::root_of(name, &ca.key, change)
}

/// A CA whose basicConstraints and keyUsage are put there by hand: critical or not, or not at all;
/// without a subject key identifier unless `identified`.
fn by_hand(
    constraints: Option<bool>,
    usage: Option<bool>,
    identified: bool,
) -> impl Fn(&mut CertificateParams) {
    move |params| {
        params.is_ca = IsCa::NoCa;
        params.key_usages = Vec::new();
        params.use_authority_key_identifier_extension = identified;
        let mut own = Vec::new();
        own.extend(constraints.map(|critical| extension(19, vec![0x30, 3, 1, 1, 0xff], critical)));
        own.extend(usage.map(|critical| extension(15, vec![3, 2, 1, 6], critical)));
        if identified {
            own.push(extension(14, der(4, &[7; 20]), false));
            params.key_identifier_method = KeyIdMethod::PreSpecified(vec![7; 20]);
        }
        params.custom_extensions = own;
    }
}

fn no_key_id(params: &mut CertificateParams) {
    params.use_authority_key_identifier_extension = false;
}

fn as_ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![Ku::DigitalSignature, Ku::KeyCertSign];
}

/// nameConstraints of this content, in an intermediate that may be read by few.
fn constrained(root: &Ca, content: &[u8], critical: bool) -> Ca {
    let content = content.to_vec();
    let change = |ca: &mut CertificateParams| {
        ca.custom_extensions = vec![extension(30, content.clone(), critical)];
    };
    root.try_sub("sub", change).expect("read")
}

/// All of them.
pub fn all() -> Vec<OddChain> {
    let mut all = Catalogue::default();
    plain(&mut all);
    key_identifiers(&mut all);
    same_names(&mut all);
    order(&mut all);
    dates(&mut all);
    anchors(&mut all);
    authorities(&mut all);
    constraints(&mut all);
    leaves(&mut all);
    extensions(&mut all);
    all.0
}

fn plain(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let (sub, other) = (root.sub("sub", |_| {}), Ca::root("another root", |_| {}));
    let below = leaf(&sub, |_| {});
    all.put("below the root", &leaf(&root, |_| {}), &[], &[&root]);
    all.put("below an intermediate", &below, &[&sub], &[&root]);
    all.put("the root is sent", &below, &[&sub, &root], &[&root]);
    all.put("the intermediate is not sent", &below, &[], &[&root]);
    all.put("of another CA", &leaf(&other, |_| {}), &[], &[&root]);
    all.put("of another CA, which is sent", &leaf(&other, |_| {}), &[&other], &[&root]);
}

fn key_identifiers(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let own = leaf(&root, |_| {});
    let other_id = again(&root, "root", |ca| {
        ca.key_identifier_method = KeyIdMethod::PreSpecified(vec![9; 20]);
    });
    let other_serial = again(&root, "root", |ca| ca.serial_number = Some(SerialNumber::from(77)));
    let two_ids = again(&root, "root", |ca| names(ca, Some(&[9; 20]), None));
    let without = again(&root, "root", by_hand(Some(true), Some(true), false));
    all.put("keyid: not that of the CA", &own, &[], &[&other_id]);
    all.put("keyid: the other CA first", &own, &[], &[&other_id, &root]);
    all.put("keyid: the other CA last", &own, &[], &[&root, &other_id]);
    all.put("keyid: the CA's own two differ", &own, &[], &[&two_ids]);
    all.put("keyid: the CA has none", &own, &[], &[&without]);
    all.put("keyid: the certificate has none", &leaf(&root, no_key_id), &[], &[&root]);
    let (old, id) = (serial(&root), key_id(&root));
    let with_serial = leaf(&root, |leaf| names(leaf, None, Some((&root, &old))));
    let with_both = leaf(&root, |leaf| names(leaf, Some(&id), Some((&root, &old))));
    all.put("issuer and serial: those of the CA", &with_serial, &[], &[&root]);
    all.put("issuer and serial: of the CA before", &with_serial, &[], &[&other_serial]);
    all.put("keyid and serial: of the CA before", &with_both, &[], &[&other_serial]);
    all.put("keyid and serial: both CAs", &with_both, &[], &[&other_serial, &root]);
    let stranger = Ca::root("stranger", |_| {});
    let of_stranger = leaf(&root, |leaf| names(leaf, Some(&id), Some((&stranger, &old))));
    all.put("issuer and serial: of another name", &of_stranger, &[], &[&root]);
    let sub = root.sub("sub", |ca| names(ca, Some(&[9; 20]), None));
    all.put(
        "keyid: an intermediate's is not that of the CA",
        &leaf(&sub, |_| {}),
        &[&sub],
        &[&root],
    );
}

fn same_names(all: &mut Catalogue) {
    let (root, twin) = (Ca::root("root", |_| {}), Ca::root("root", |_| {}));
    let (own, bare) = (leaf(&root, |_| {}), leaf(&root, no_key_id));
    all.put("one name, two keys: the right one first", &own, &[], &[&root, &twin]);
    all.put("one name, two keys: the right one last", &own, &[], &[&twin, &root]);
    all.put("one name, two keys, no keyid: first", &bare, &[], &[&root, &twin]);
    all.put("one name, two keys, no keyid: last", &bare, &[], &[&twin, &root]);
    let (sub, other) = (root.sub("sub", |_| {}), root.sub("sub", |_| {}));
    let below = leaf(&sub, no_key_id);
    all.put("two intermediates of a name, no keyid: first", &below, &[&sub, &other], &[&root]);
    all.put("two intermediates of a name, no keyid: last", &below, &[&other, &sub], &[&root]);
    let odd = Ca::root_of("root", &root.key, |ca| ca.serial_number = Some(SerialNumber::from(7)));
    all.put("one name, one key: two certificates of the CA", &own, &[], &[&odd, &root]);
}

fn order(all: &mut Catalogue) {
    let (root, old) = (Ca::root("root", |_| {}), Ca::root("old root", |_| {}));
    let (upper, stranger) = (root.sub("upper", |_| {}), Ca::root("stranger", |_| {}));
    let sub = upper.sub("sub", |_| {});
    let cross = old.cross_signs(&root, "root");
    let own = leaf(&sub, |_| {});
    all.put("two intermediates", &own, &[&sub, &upper], &[&root]);
    all.put("two intermediates, the upper one first", &own, &[&upper, &sub], &[&root]);
    all.put("the root in the middle", &own, &[&root, &sub, &upper], &[&root]);
    all.put("a stranger in the middle", &own, &[&sub, &stranger, &upper], &[&root]);
    all.put("an intermediate twice", &own, &[&sub, &sub, &upper], &[&root]);
    all.put("a cross certificate at the end", &own, &[&sub, &upper, &cross], &[&root]);
    all.put("a cross certificate in the middle", &own, &[&sub, &cross, &upper], &[&root]);
    all.put("a cross certificate, its root trusted", &own, &[&sub, &upper, &cross], &[&old]);
    all.put("a cross certificate, both trusted", &own, &[&sub, &upper, &cross], &[&old, &root]);
}

fn dates(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let expired = again(&root, "root", |ca| ca.not_after = days(-1));
    let future = again(&root, "root", |ca| ca.not_before = days(10));
    let own = leaf(&root, |_| {});
    all.put("the CA expired", &own, &[], &[&expired]);
    all.put("the CA is not valid yet", &own, &[], &[&future]);
    all.put("the CA, an expired one first", &own, &[], &[&expired, &root]);
    all.put("the CA, an expired one last", &own, &[], &[&root, &expired]);
    let sub = root.sub("sub", |_| {});
    let old = root.signs("sub", &sub.key, |ca| ca.not_after = days(-1));
    let below = leaf(&sub, |_| {});
    all.put("an expired intermediate", &below, &[&old], &[&root]);
    all.put("an expired intermediate first", &below, &[&old, &sub], &[&root]);
    all.put("an expired intermediate last", &below, &[&sub, &old], &[&root]);
    let cross = Ca::root("old root", |ca| ca.not_after = days(-1)).cross_signs(&root, "root");
    all.put("a cross certificate of an expired root", &below, &[&sub, &cross], &[&root]);
}

fn anchors(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let sub = root.sub("sub", |_| {});
    let below = leaf(&sub, |_| {});
    all.put("trusted: the intermediate", &below, &[], &[&sub]);
    all.put("trusted: the intermediate, which is sent", &below, &[&sub], &[&sub]);
    all.put("trusted: the intermediate; the root is sent", &below, &[&sub, &root], &[&sub]);
    all.put("trusted: the intermediate and the root", &below, &[], &[&sub, &root]);
    let own = leaf(&root, |_| {});
    all.put_certificates("trusted: the server's own", &own, &[], vec![own.0.clone()]);
    all.put_certificates(
        "trusted: the server's own and the root",
        &own,
        &[],
        vec![own.0.clone(), root.certificate.clone()],
    );
    let alone = self_signed(|_| {});
    all.put_certificates(
        "trusted: the server's own, self-signed",
        &alone,
        &[],
        vec![alone.0.clone()],
    );
    let ca = self_signed(as_ca);
    all.put_certificates("trusted: the server's own, a CA", &ca, &[], vec![ca.0.clone()]);
    all.put_certificates(
        "self-signed, and not trusted",
        &alone,
        &[],
        vec![root.certificate.clone()],
    );
}

fn authorities(all: &mut Catalogue) {
    let mut put = |name, change: &dyn Fn(&mut CertificateParams)| {
        let ca = Ca::root("root", change);
        all.put(name, &leaf(&ca, |_| {}), &[], &[&ca]);
    };
    put("CA: basicConstraints not critical", &by_hand(Some(false), Some(true), true));
    put("CA: no basicConstraints", &by_hand(None, Some(true), true));
    put("CA: no keyUsage", &by_hand(Some(true), None, true));
    put("CA: keyUsage not critical", &by_hand(Some(true), Some(false), true));
    put("CA: no key identifier", &by_hand(Some(true), Some(true), false));
    put("CA: no keyCertSign", &|ca| ca.key_usages = vec![Ku::CrlSign]);
    put("CA: for servers", &|ca| ca.extended_key_usages = vec![Eku::ServerAuth]);
    put("CA: for clients", &|ca| ca.extended_key_usages = vec![Eku::ClientAuth]);
    put("CA: serial 0", &|ca| ca.serial_number = Some(SerialNumber::from(0)));
    let root = Ca::root("root", |_| {});
    let mut put = |name, change: &dyn Fn(&mut CertificateParams)| {
        let sub = root.sub("sub", change);
        all.put(name, &leaf(&sub, |_| {}), &[&sub], &[&root]);
    };
    put("intermediate: basicConstraints not critical", &by_hand(Some(false), Some(true), true));
    put("intermediate: no basicConstraints", &by_hand(None, Some(true), true));
    put("intermediate: no keyUsage", &by_hand(Some(true), None, true));
    put("intermediate: no key identifier", &by_hand(Some(true), Some(true), false));
    put("intermediate: no keyCertSign", &|ca| ca.key_usages = vec![Ku::CrlSign]);
    put("intermediate: for servers", &|ca| ca.extended_key_usages = vec![Eku::ServerAuth]);
    put("intermediate: for clients", &|ca| ca.extended_key_usages = vec![Eku::ClientAuth]);
    put("intermediate: for any use", &|ca| ca.extended_key_usages = vec![Eku::Any]);
    let short = root.sub("short", |ca| ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let deep = short.sub("deep", |_| {});
    all.put("path length", &leaf(&deep, |_| {}), &[&deep, &short], &[&root]);
}

fn constraints(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let dns = |name: &[u8]| der(0x30, &der(0x82, name));
    let permitted = |tree: &[u8]| der(0xa0, tree);
    let excluded = |tree: &[u8]| der(0xa1, tree);
    let within = der(0x30, &permitted(&dns(b"ds.example.com")));
    let broken = der(0x30, &[permitted(&[]), excluded(&dns(b"x.example.com"))].concat());
    let none = der(0x30, &[]);
    let least = [der(0x82, b"ds.example.com"), der(0x80, &[1])].concat();
    let least = der(0x30, &permitted(&der(0x30, &least)));
    let outside = der(0x30, &permitted(&dns(b"example.org")));
    let dotted = der(0x30, &permitted(&dns(b".ds.example.com")));
    for (name, content, critical) in [
        ("constraints: kept", &within, true),
        ("constraints: not critical", &within, false),
        ("constraints: broken, not critical", &outside, false),
        ("constraints: permits an empty list", &broken, true),
        ("constraints: hold none", &none, true),
        ("constraints: with a minimum", &least, true),
        ("constraints: a dot in front", &dotted, true),
    ] {
        let sub = constrained(&root, content, critical);
        all.put(name, &leaf(&sub, |_| {}), &[&sub], &[&root]);
    }
    let excluding = [permitted(&[]), excluded(&dns(b"ds.example.com"))].concat();
    let sub = constrained(&root, &der(0x30, &excluding), true);
    all.put(
        "constraints: an empty list, the name excluded",
        &leaf(&sub, |_| {}),
        &[&sub],
        &[&root],
    );
    let own = leaf(&sub, as_ca);
    all.put("constraints: an empty list, the name excluded, leaf a CA", &own, &[&sub], &[&root]);
    let sub = constrained(&root, &broken, true);
    all.put("constraints: permits an empty list, leaf a CA", &leaf(&sub, as_ca), &[&sub], &[&root]);
}

fn leaves(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let mut put = |name, change: &dyn Fn(&mut CertificateParams)| {
        all.put(name, &leaf(&root, change), &[], &[&root]);
    };
    put("leaf: a CA", &as_ca);
    put("leaf: no basicConstraints", &|leaf| leaf.is_ca = IsCa::NoCa);
    put("leaf: no extended key usage", &|leaf| leaf.extended_key_usages = Vec::new());
    put("leaf: for any use", &|leaf| leaf.extended_key_usages = vec![Eku::Any]);
    put("leaf: for clients", &|leaf| leaf.extended_key_usages = vec![Eku::ClientAuth]);
    put("leaf: keyUsage keyAgreement only", &|leaf| leaf.key_usages = vec![Ku::KeyAgreement]);
    put("leaf: keyUsage keyEncipherment only", &|leaf| leaf.key_usages = vec![Ku::KeyEncipherment]);
    put("leaf: serial 0", &|leaf| leaf.serial_number = Some(SerialNumber::from(0)));
    put("leaf: serial of 21 octets", &|leaf| {
        leaf.serial_number = Some(SerialNumber::from(vec![0x7f; 21]));
    });
    put("leaf: an unknown critical extension", &|leaf| {
        let mut own = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        own.set_criticality(true);
        leaf.custom_extensions = vec![own];
    });
    put("leaf: critical key identifiers", &|leaf| {
        leaf.use_authority_key_identifier_extension = false;
        leaf.custom_extensions = vec![extension(35, der(0x30, &der(0x80, &[1; 20])), true)];
    });
    put("leaf: names of a wildcard", &|leaf| {
        leaf.subject_alt_names = sans(&[&format!("*.{}", HOST.split_once('.').expect("dots").1)]);
    });
}

/// An extension that is not critical.
fn noted(oid: &[u64], content: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(oid, content.to_vec())
}

const NETSCAPE_TYPE: [u64; 7] = [2, 16, 840, 1, 113_730, 1, 1];
const PROXY: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 14];
const ADDRESSES: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 7];
const NUMBERS: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 8];
/// Extensions that few verifiers look at, in the leaf.
fn extensions(all: &mut Catalogue) {
    let root = Ca::root("root", |_| {});
    let network = [0x30, 12, 0x30, 10, 4, 2, 0, 1, 0x30, 4, 3, 2, 0, 10];
    let inherited = [0x30, 8, 0x30, 6, 4, 2, 0, 1, 5, 0];
    // AS 64512, in the first of the two lists.
    let number = [0x30, 9, 0xa0, 7, 0x30, 5, 2, 3, 0, 0xfc, 0];
    // Any language, nothing delegated.
    let proxy = [0x30, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x15, 0];
    for (name, oid, content) in [
        ("leaf: Netscape type of a server", &NETSCAPE_TYPE[..], &[3, 2, 6, 0x40][..]),
        ("leaf: Netscape type of a client", &NETSCAPE_TYPE, &[3, 2, 7, 0x80]),
        ("leaf: Netscape type of a CA", &NETSCAPE_TYPE, &[3, 2, 2, 4]),
        ("leaf: Netscape type of nothing", &NETSCAPE_TYPE, &[3, 1, 0]),
        ("leaf: a proxy certificate", &PROXY, &proxy),
        ("leaf: addresses that the CA does not hold", &ADDRESSES, &network),
        ("leaf: addresses of a CA that holds none", &ADDRESSES, &inherited),
        ("leaf: numbers of networks that the CA does not hold", &NUMBERS, &number),
    ] {
        let own = leaf(&root, |leaf| leaf.custom_extensions = vec![noted(oid, content)]);
        all.put(name, &own, &[], &[&root]);
    }
    let sub = root.sub("sub", |ca| ca.custom_extensions = vec![noted(&PROXY, &proxy)]);
    all.put("intermediate: a proxy certificate", &leaf(&sub, |_| {}), &[&sub], &[&root]);
}

/// Every extension of RFC 5280 and some others, holding what cannot be read, in the leaf, in an
/// intermediate and in the CA: the name says which and where.
pub fn damaged_extensions() -> Vec<OddChain> {
    const PKIX: [u64; 8] = [1, 3, 6, 1, 5, 5, 7, 1];
    let of_rfc = [9, 14, 15, 16, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54];
    let of_rfc = of_rfc.map(|arc| vec![2, 5, 29, arc]);
    let of_pkix = [1, 3, 7, 8, 11, 14, 24].map(|arc| [&PKIX[..], &[arc]].concat());
    let of_netscape = [1, 2, 13].map(|arc| [&NETSCAPE_TYPE[..6], &[arc]].concat());
    let mut all = Catalogue::default();
    for oid in of_rfc.into_iter().chain(of_pkix).chain(of_netscape) {
        for content in [&[5, 0][..], &[0x30, 2, 5, 0], &[0x30, 4, 0x30, 2, 5, 0], &[3, 0], &[]] {
            put_damaged(&mut all, &oid, content);
        }
    }
    all.0
}

fn put_damaged(all: &mut Catalogue, oid: &[u64], content: &[u8]) {
    let damage = |params: &mut CertificateParams| {
        match oid {
            [2, 5, 29, 14] => return, // written by rcgen, once
            [2, 5, 29, 15] => params.key_usages = Vec::new(),
            [2, 5, 29, 17] => params.subject_alt_names = Vec::new(),
            [2, 5, 29, 35] => params.use_authority_key_identifier_extension = false,
            [2, 5, 29, 19] => params.is_ca = IsCa::NoCa,
            [2, 5, 29, 37] => params.extended_key_usages = Vec::new(),
            _ => {}
        }
        params.custom_extensions = vec![noted(oid, content)];
    };
    let name = |place| -> &'static str { format!("{place}: {oid:?} {content:02x?}").leak() };
    let root = Ca::root("root", |_| {});
    if let Some(own) = try_leaf(&root, damage) {
        all.put(name("leaf"), &own, &[], &[&root]);
    }
    if let Some(sub) = root.try_sub("sub", damage) {
        all.put(name("intermediate"), &leaf(&sub, |_| {}), &[&sub], &[&root]);
    }
}
