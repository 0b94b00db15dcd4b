//! Which store is meant, from the options, the environment and what this machine has.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files;

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A store, not opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Secrets of a Kubernetes cluster.
    Kubernetes(Cluster),
    /// Secrets as YAML files in a directory.
    Directory(PathBuf),
}

/// A cluster, a namespace, and whose credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Where the credentials come from.
    pub credentials: ClusterCredentials,
    /// The kubeconfig context, when not the current one.
    pub context: Option<String>,
    /// The namespace, when not that of the context or the pod.
    pub namespace: Option<String>,
}

/// Where the credentials for a cluster come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterCredentials {
    /// Kubeconfig files, merged as kubectl does: the first to name a thing wins.
    Kubeconfig(Vec<PathBuf>),
    /// The service account of the pod that we run in.
    InCluster,
}

/// What the command line says about the store.
#[derive(Debug, Clone, Default)]
pub struct StoreArguments {
    /// `--store`.
    pub store: Option<String>,
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--namespace`.
    pub namespace: Option<String>,
}

/// What this process finds around it.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `CCX_SEC_STORE`.
    pub store: Option<String>,
    /// The files in `KUBECONFIG`, or else `~/.kube/config` if it is there.
    pub kubeconfigs: Vec<PathBuf>,
    /// Whether the files of a pod's service account are there.
    pub in_pod: bool,
    /// `POD_NAMESPACE`.
    pub pod_namespace: Option<String>,
    /// `XDG_STATE_HOME`, or `~/.local/state`.
    pub state_home: Option<PathBuf>,
}

impl Environment {
    /// Looks at the environment and at the few files that matter.
    #[must_use]
    pub fn detect() -> Self {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let home = variable("HOME").map(PathBuf::from);
        let listed: Vec<PathBuf> = variable("KUBECONFIG")
            .map(|list| env::split_paths(&list).collect())
            .unwrap_or_default();
        let usual = home.as_ref().map(|home| home.join(".kube/config"));
        let kubeconfigs = match usual {
            Some(usual) if listed.is_empty() && files::exists(&usual) => vec![usual],
            _ => listed.into_iter().filter(|path| !path.as_os_str().is_empty()).collect(),
        };
        let state_home = variable("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| home.map(|home| home.join(".local/state")));
        Environment {
            store: text("CCX_SEC_STORE"),
            kubeconfigs,
            in_pod: files::exists(Path::new(SERVICE_ACCOUNT)),
            pod_namespace: text("POD_NAMESPACE"),
            state_home,
        }
    }
}

/// A location, and whether it was chosen for want of any other (to be told to the user).
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The store that is meant.
    pub location: Location,
    /// Nothing was said, so it is the embedded default.
    pub by_default: bool,
}

/// Chooses the store: `--store`, then `CCX_SEC_STORE`; else Kubernetes where anything
/// speaks for it; else the directory `ccx-sec` in the user's state directory.
///
/// # Errors
/// Exit 2 when the options contradict each other or name no store; exit 3 when Kubernetes
/// is asked for and no cluster is configured.
pub fn choose(options: &StoreArguments, around: &Environment) -> Result<Choice> {
    let kubernetes_option = [
        ("--kubeconfig", options.kubeconfig.is_some()),
        ("--context", options.context.is_some()),
        ("--namespace", options.namespace.is_some()),
    ]
    .into_iter()
    .find_map(|(name, given)| given.then_some(name));

    let named = options
        .store
        .as_deref()
        .map(|store| (store, "--store"))
        .or_else(|| around.store.as_deref().map(|store| (store, "CCX_SEC_STORE")));
    let chosen = |location| Ok(Choice { location, by_default: false });
    match named {
        Some(("k8s", _)) => return chosen(Location::Kubernetes(cluster(options, around)?)),
        Some((store, origin)) => {
            let path = directory(store, origin)?;
            if let Some(option) = kubernetes_option {
                return Err(Error::usage(
                    "store-conflict",
                    format!("{option} is for Kubernetes, and {origin} says {store}"),
                )
                .hint(format!("leave out {option}, or give --store k8s")));
            }
            return chosen(Location::Directory(path));
        }
        None => {}
    }
    if kubernetes_option.is_some() || around.in_pod || !around.kubeconfigs.is_empty() {
        return chosen(Location::Kubernetes(cluster(options, around)?));
    }
    let state = around.state_home.as_ref().ok_or_else(|| {
        Error::usage(
            "store-unknown",
            "no store is named, and neither HOME nor XDG_STATE_HOME is set",
        )
        .hint("name one: --store k8s or --store dir:PATH")
    })?;
    Ok(Choice { location: Location::Directory(state.join("ccx-sec")), by_default: true })
}

fn directory(store: &str, origin: &str) -> Result<PathBuf> {
    match store.strip_prefix("dir:") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(Error::usage("store-unknown", format!("{origin} names no store: {store:?}"))
            .hint("give k8s, or dir:PATH for Secrets as files in a directory")),
    }
}

fn cluster(options: &StoreArguments, around: &Environment) -> Result<Cluster> {
    let (credentials, namespace) = if let Some(path) = &options.kubeconfig {
        (ClusterCredentials::Kubeconfig(vec![path.clone()]), None)
    } else if !around.kubeconfigs.is_empty() {
        (ClusterCredentials::Kubeconfig(around.kubeconfigs.clone()), None)
    } else if around.in_pod {
        if options.context.is_some() {
            return Err(Error::usage("context-without-kubeconfig", "--context needs a kubeconfig")
                .hint("in a pod the service account is used; give --kubeconfig, or no --context"));
        }
        (ClusterCredentials::InCluster, around.pod_namespace.clone())
    } else {
        return Err(Error::failed("kube-not-configured", "no Kubernetes cluster is configured")
            .hint("give --kubeconfig FILE or set KUBECONFIG, as for kubectl")
            .hint("without Kubernetes, keep the CA in a directory: --store dir:PATH"));
    };
    Ok(Cluster {
        credentials,
        context: options.context.clone(),
        namespace: options.namespace.clone().or(namespace),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kubeconfig(path: &str, namespace: Option<&str>) -> Location {
        Location::Kubernetes(Cluster {
            credentials: ClusterCredentials::Kubeconfig(vec![path.into()]),
            context: None,
            namespace: namespace.map(str::to_owned),
        })
    }

    fn around() -> Environment {
        Environment { state_home: Some("/state".into()), ..Environment::default() }
    }

    fn location(options: &StoreArguments, around: &Environment) -> Location {
        choose(options, around).expect("a location").location
    }

    #[test]
    fn the_option_wins_over_the_environment() {
        let options = StoreArguments { store: Some("dir:/a".into()), ..StoreArguments::default() };
        let around = Environment { store: Some("k8s".into()), in_pod: true, ..around() };
        assert_eq!(location(&options, &around), Location::Directory("/a".into()));
        let around = Environment { store: Some("dir:/b".into()), in_pod: true, ..around };
        assert_eq!(location(&StoreArguments::default(), &around), Location::Directory("/b".into()));
    }

    #[test]
    fn anything_that_speaks_for_kubernetes_means_kubernetes() {
        let with_file = Environment { kubeconfigs: vec!["/kc".into()], ..around() };
        assert_eq!(location(&StoreArguments::default(), &with_file), kubeconfig("/kc", None));
        let options = StoreArguments { namespace: Some("n".into()), ..StoreArguments::default() };
        assert_eq!(location(&options, &with_file), kubeconfig("/kc", Some("n")));
        let error = choose(&options, &around()).expect_err("no cluster");
        assert_eq!(error.code(), "kube-not-configured");
    }

    #[test]
    fn in_a_pod_the_service_account_and_its_namespace() {
        let pod = Environment { in_pod: true, pod_namespace: Some("prod".into()), ..around() };
        let expected = Location::Kubernetes(Cluster {
            credentials: ClusterCredentials::InCluster,
            context: None,
            namespace: Some("prod".into()),
        });
        assert_eq!(location(&StoreArguments::default(), &pod), expected);
        let options = StoreArguments { context: Some("x".into()), ..StoreArguments::default() };
        let error = choose(&options, &pod).expect_err("no kubeconfig");
        assert_eq!(error.code(), "context-without-kubeconfig");
    }

    #[test]
    fn without_anything_the_embedded_default() {
        let choice = choose(&StoreArguments::default(), &around()).expect("the default");
        assert!(choice.by_default);
        assert_eq!(choice.location, Location::Directory("/state/ccx-sec".into()));
    }

    #[test]
    fn contradictions_and_unknown_stores_are_usage_errors() {
        let code = |store: &str, context: Option<&str>| {
            let options = StoreArguments {
                store: Some(store.into()),
                context: context.map(str::to_owned),
                ..StoreArguments::default()
            };
            choose(&options, &around()).map(|_| ()).map_err(|e| e.code())
        };
        assert_eq!(code("dir:/a", Some("x")), Err("store-conflict"));
        assert_eq!(code("dir:", None), Err("store-unknown"));
        assert_eq!(code("vault", None), Err("store-unknown"));
        assert_eq!(code("", None), Err("store-unknown"));
    }
}
