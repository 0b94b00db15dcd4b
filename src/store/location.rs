//! Chooses the store from the options, the environment and this machine.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};
use crate::files;

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A store that is not opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Secrets of a Kubernetes cluster.
    Kubernetes(Cluster),
    /// Secrets as YAML files in a directory.
    Directory(PathBuf),
}

/// A cluster, a namespace, and the source of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The source of the credentials.
    pub credentials: ClusterCredentials,
    /// The kubeconfig context; `None` for the current one.
    pub context: Option<String>,
    /// The namespace; `None` for the namespace of the context or the pod.
    pub namespace: Option<String>,
}

/// A source of credentials for a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterCredentials {
    /// Kubeconfig files, merged as by kubectl: the first file that defines a name wins.
    Kubeconfig(Vec<PathBuf>),
    /// The service account of the pod in which this process runs.
    InCluster,
}

/// The options of the command line that choose the store.
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
    /// The origins of values that do not come from the command line, by option name: variables, or
    /// lines of configuration files.
    pub configured: BTreeMap<String, String>,
}

impl StoreArguments {
    /// Returns the origin of an option's value, for messages: the option, a variable or a line.
    fn origin(&self, option: &str) -> String {
        self.configured.get(option).cloned().unwrap_or_else(|| format!("--{option}"))
    }
}

/// The parts of this process's environment that choose the store.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The files in `KUBECONFIG`, or else `~/.kube/config` if it exists.
    pub kubeconfigs: Vec<PathBuf>,
    /// Whether the files of a pod's service account exist.
    pub in_pod: bool,
    /// `POD_NAMESPACE`.
    pub pod_namespace: Option<String>,
    /// `XDG_STATE_HOME`, or `~/.local/state`.
    pub state_home: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment variables, and checks which files exist.
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
            kubeconfigs,
            in_pod: files::exists(Path::new(SERVICE_ACCOUNT)),
            pod_namespace: text("POD_NAMESPACE"),
            state_home,
        }
    }
}

/// A location, and whether it is the default, which the command then reports.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// The chosen store.
    pub location: Location,
    /// Whether neither an option nor the environment chose the store.
    pub by_default: bool,
}

/// Chooses the store: first `--store`; then Kubernetes, if an option of it is given, or a
/// kubeconfig or service account exists; then the directory `ccx-sec` in the user's state
/// directory. With a directory, options of a cluster that come from variables or files are ignored.
///
/// # Errors
/// Exit 2 when the options contradict each other or name no store; exit 3 when Kubernetes is chosen
/// and no cluster is configured.
pub fn choose(options: &StoreArguments, environment: &Environment) -> Result<Choice> {
    let cluster_options = [
        ("kubeconfig", options.kubeconfig.is_some()),
        ("context", options.context.is_some()),
        ("namespace", options.namespace.is_some()),
    ];
    let mut named_options =
        cluster_options.into_iter().filter_map(|(name, is_named)| is_named.then_some(name));
    let names_cluster = named_options.clone().next().is_some();
    let given = named_options.find(|name| !options.configured.contains_key(*name));

    let named = options.store.as_deref().map(|store| (store, options.origin("store")));
    let chosen = |location| Ok(Choice { location, by_default: false });
    match named {
        Some(("k8s", _)) => return chosen(Location::Kubernetes(cluster(options, environment)?)),
        Some((store, origin)) => {
            let path = directory(store, &origin)?;
            if let Some(option) = given {
                return Err(Error::usage(
                    Code::StoreConflict,
                    format!("--{option} is for Kubernetes, but {origin} is {store}"),
                )
                .hint(format!("leave out --{option}, or give --store k8s")));
            }
            return chosen(Location::Directory(path));
        }
        None => {}
    }
    if names_cluster || environment.in_pod || !environment.kubeconfigs.is_empty() {
        return chosen(Location::Kubernetes(cluster(options, environment)?));
    }
    let state = environment.state_home.as_ref().ok_or_else(|| {
        Error::usage(
            Code::StoreUnknown,
            "no store is named, and neither HOME nor XDG_STATE_HOME is set",
        )
        .hint("name one: --store k8s or --store dir:PATH")
    })?;
    Ok(Choice { location: Location::Directory(state.join("ccx-sec")), by_default: true })
}

fn directory(store: &str, origin: &str) -> Result<PathBuf> {
    match store.strip_prefix("dir:") {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(Error::usage(Code::StoreUnknown, format!("{origin} names no store: {store:?}"))
            .hint("give k8s, or dir:PATH for Secrets as files in a directory")),
    }
}

fn cluster(options: &StoreArguments, environment: &Environment) -> Result<Cluster> {
    let (credentials, namespace) = if let Some(path) = &options.kubeconfig {
        (ClusterCredentials::Kubeconfig(vec![path.clone()]), None)
    } else if !environment.kubeconfigs.is_empty() {
        (ClusterCredentials::Kubeconfig(environment.kubeconfigs.clone()), None)
    } else if environment.in_pod {
        if options.context.is_some() {
            let message = format!("{} needs a kubeconfig", options.origin("context"));
            return Err(Error::usage(Code::ContextWithoutKubeconfig, message).hint(
                "in a pod, the service account is used; give --kubeconfig, or leave out --context",
            ));
        }
        (ClusterCredentials::InCluster, environment.pod_namespace.clone())
    } else {
        return Err(Error::failed(Code::KubeNotConfigured, "no Kubernetes cluster is configured")
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

    fn environment() -> Environment {
        Environment { state_home: Some("/state".into()), ..Environment::default() }
    }

    fn location(options: &StoreArguments, environment: &Environment) -> Location {
        choose(options, environment).expect("a location").location
    }

    #[test]
    fn a_named_store_wins_over_a_configured_place_in_a_cluster() {
        let store = Some("dir:/a".to_owned());
        let options = StoreArguments { store: store.clone(), ..StoreArguments::default() };
        let environment = Environment { in_pod: true, ..environment() };
        assert_eq!(location(&options, &environment), Location::Directory("/a".into()));
        let context = Some("prod".to_owned());
        let configured = BTreeMap::from([("context".to_owned(), "/config.toml:3".to_owned())]);
        let mut options = StoreArguments { store, context, configured, ..options };
        assert_eq!(location(&options, &environment), Location::Directory("/a".into()));
        options.configured.insert("store".to_owned(), "CCX_SEC_STORE".to_owned());
        options.configured.remove("context");
        let error = choose(&options, &environment).expect_err("a contradiction");
        assert_eq!(error.to_string(), "--context is for Kubernetes, but CCX_SEC_STORE is dir:/a");
    }

    #[test]
    fn anything_that_speaks_for_kubernetes_means_kubernetes() {
        let with_file = Environment { kubeconfigs: vec!["/kc".into()], ..environment() };
        assert_eq!(location(&StoreArguments::default(), &with_file), kubeconfig("/kc", None));
        let options = StoreArguments { namespace: Some("n".into()), ..StoreArguments::default() };
        assert_eq!(location(&options, &with_file), kubeconfig("/kc", Some("n")));
        let error = choose(&options, &environment()).expect_err("no cluster");
        assert_eq!(error.code().name(), "kube-not-configured");
    }

    #[test]
    fn in_a_pod_the_service_account_and_its_namespace() {
        let pod = Environment { in_pod: true, pod_namespace: Some("prod".into()), ..environment() };
        let expected = Location::Kubernetes(Cluster {
            credentials: ClusterCredentials::InCluster,
            context: None,
            namespace: Some("prod".into()),
        });
        assert_eq!(location(&StoreArguments::default(), &pod), expected);
        let options = StoreArguments { context: Some("x".into()), ..StoreArguments::default() };
        let error = choose(&options, &pod).expect_err("no kubeconfig");
        assert_eq!(error.code().name(), "context-without-kubeconfig");
    }

    #[test]
    fn without_anything_the_embedded_default() {
        let choice = choose(&StoreArguments::default(), &environment()).expect("the default");
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
            choose(&options, &environment()).map(|_| ()).map_err(|e| e.code().name())
        };
        assert_eq!(code("dir:/a", Some("x")), Err("store-conflict"));
        assert_eq!(code("dir:", None), Err("store-unknown"));
        assert_eq!(code("vault", None), Err("store-unknown"));
        assert_eq!(code("", None), Err("store-unknown"));
    }
}
