//! `ccx-sec serve`.

mod api;
mod gate;
mod holders;
mod kube;
mod operations;
mod outside;
mod rotation;
