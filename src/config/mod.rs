//! The first stage: what the user writes (RON) becomes what the program runs.
mod schema;

pub use schema::*;
