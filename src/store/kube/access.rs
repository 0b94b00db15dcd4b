//! The rights of an account, and version and clock of the API server: for `doctor`.

use jiff::Timestamp;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
    SelfSubjectRulesReview, SelfSubjectRulesReviewSpec,
};
use kube::Error as KubeError;
use kube::api::{Api, PostParams};

use super::KubeStore;
use super::errors::Operation;
use crate::error::Result;

/// A right on Secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The verb, such as `create`.
    pub verb: &'static str,
    /// The name of the Secret; `None` for all Secrets of the namespace.
    pub secret: Option<String>,
}

impl KubeStore {
    /// Asks the API server whether this account has a right in the namespace
    /// (SelfSubjectAccessReview).
    ///
    /// # Errors
    /// Exit 3 when the API server cannot be asked.
    pub fn is_allowed(&self, access: &Access) -> Result<bool> {
        let reviews: Api<SelfSubjectAccessReview> = Api::all(self.client()?);
        let operation =
            Operation::new("create", "selfsubjectaccessreviews.authorization.k8s.io", "");
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    namespace: Some(self.namespace.clone()),
                    verb: Some(access.verb.to_owned()),
                    resource: Some("secrets".to_owned()),
                    name: access.secret.clone(),
                    ..ResourceAttributes::default()
                }),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let parameters = PostParams::default();
        let answer = self.call(&operation, || reviews.create(&parameters, &review));
        let answer = answer.map_err(|e| self.explain(&operation, e))?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// The names to which this account's right `verb` is limited, as far as the API server knows
    /// them (SelfSubjectRulesReview); empty if it does not say.
    ///
    /// # Errors
    /// Exit 3 when the API server cannot be asked.
    pub fn allowed_names(&self, verb: &str) -> Result<Vec<String>> {
        let reviews: Api<SelfSubjectRulesReview> = Api::all(self.client()?);
        let operation =
            Operation::new("create", "selfsubjectrulesreviews.authorization.k8s.io", "");
        let review = SelfSubjectRulesReview {
            spec: SelfSubjectRulesReviewSpec { namespace: Some(self.namespace.clone()) },
            ..SelfSubjectRulesReview::default()
        };
        let parameters = PostParams::default();
        let answer = self.call(&operation, || reviews.create(&parameters, &review));
        let answer = answer.map_err(|e| self.explain(&operation, e))?;
        let has = |list: &[String], word: &str| list.iter().any(|one| one == word || one == "*");
        let rules = answer.status.map(|status| status.resource_rules).unwrap_or_default();
        let mut names: Vec<String> = rules
            .into_iter()
            .filter(|rule| has(&rule.verbs, verb))
            .filter(|rule| has(rule.resources.as_deref().unwrap_or_default(), "secrets"))
            .flat_map(|rule| rule.resource_names.unwrap_or_default())
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The version of the API server, and its clock (the `Date` of its answer, to the second).
    ///
    /// # Errors
    /// Exit 3 when the API server cannot be asked.
    pub fn version_and_clock(&self) -> Result<(String, Option<Timestamp>)> {
        let operation = Operation::new("get", "/version", "");
        let client = self.client()?;
        let ask = || async {
            let request = http::Request::get("/version").body(kube::client::Body::empty());
            let response = client.send(request.map_err(KubeError::HttpError)?).await?;
            let date = response.headers().get(http::header::DATE).cloned();
            let body = response.into_body().collect_bytes().await?;
            let version: serde_json::Value =
                serde_json::from_slice(&body).map_err(KubeError::SerdeError)?;
            Ok((version["gitVersion"].as_str().unwrap_or("unknown").to_owned(), date))
        };
        let (version, date) =
            self.call(&operation, ask).map_err(|e| self.explain(&operation, e))?;
        let date = date.and_then(|date| date.to_str().ok().map(str::to_owned));
        let clock = date
            .and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
        Ok((version, clock))
    }
}
