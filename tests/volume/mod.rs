//! Commands of `ccx-sec volume`.

mod check;
mod check_guest;
mod commands;
mod devices;
mod faults;
mod faults_cryptsetup;
mod faults_guest;
mod faults_store;
mod header;
mod in_place;
mod keys;
mod life;
mod manifest;
mod options;
mod prompts;
mod readme;
mod refusals;
mod secrets;
