//! Asks the API server who the owner of a bearer token is (TokenReview), and whether this account
//! may get a path that is not an object of the cluster (SubjectAccessReview).

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::api::{Api, PostParams};

use super::KubeStore;
use super::errors::Operation;
use crate::error::Result;
use crate::store::TokenAccess;

pub(super) fn review(store: &KubeStore, token: &str, path: &str) -> Result<TokenAccess> {
    let reviews: Api<TokenReview> = Api::all(store.client()?);
    let operation = Operation::new("create", "tokenreviews.authentication.k8s.io", "");
    let spec = TokenReviewSpec { token: Some(token.to_owned()), audiences: None };
    let asked = TokenReview { spec, ..TokenReview::default() };
    let answer =
        store.call(&operation, || async { reviews.create(&PostParams::default(), &asked).await });
    let status = answer.map_err(|failure| store.explain(&operation, failure))?.status;
    let status = status.filter(|status| status.authenticated == Some(true));
    match status.and_then(|status| status.user) {
        Some(user) => may_get(store, user, path),
        None => Ok(TokenAccess::Unknown),
    }
}

fn may_get(store: &KubeStore, user: UserInfo, path: &str) -> Result<TokenAccess> {
    let reviews: Api<SubjectAccessReview> = Api::all(store.client()?);
    let operation = Operation::new("create", "subjectaccessreviews.authorization.k8s.io", "");
    let asked = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: user.username,
            uid: user.uid,
            groups: user.groups,
            extra: user.extra,
            non_resource_attributes: Some(NonResourceAttributes {
                path: Some(path.to_owned()),
                verb: Some("get".to_owned()),
            }),
            resource_attributes: None,
        },
        ..SubjectAccessReview::default()
    };
    let answer =
        store.call(&operation, || async { reviews.create(&PostParams::default(), &asked).await });
    let status = answer.map_err(|failure| store.explain(&operation, failure))?.status;
    let is_allowed = status.is_some_and(|status| status.allowed && status.denied != Some(true));
    Ok(if is_allowed { TokenAccess::Allowed } else { TokenAccess::Forbidden })
}
