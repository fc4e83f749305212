//! What a person sees of a saved run, or another program reads: pictures, one page that shows them, exports.
//! Nothing is computed here that [`analysis`](crate::analysis) has not found.

pub mod export;
pub mod figures;
pub mod report;
