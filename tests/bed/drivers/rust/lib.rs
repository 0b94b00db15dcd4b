//! Nothing: the drivers are what is wanted.
