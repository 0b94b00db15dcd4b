//! `ccx-sec serve`.

mod api;
mod gate;
mod kube;
mod operations;
mod outside;
mod rotation;
