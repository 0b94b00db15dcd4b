//! `ccx-sec manifests`, applied to a real Kubernetes API.

mod access;
mod apply;
mod cluster;
mod rotation;
