//! The one place that reads and writes files.
//!
//! | module | what it answers |
//! |---|---|
//! | `read` | is this a plain file, and no larger than one of its kind may be? |
//! | `folder` | how does a file appear in a folder whole, and nothing else change there? |
//! | `lock` | is somebody else at work in this folder? |
//! | `temporary` | what is a file called until it is whole, and which of those did a dead process leave? |
//! | `names` | may this text be a file's name? |

mod folder;
mod lock;
mod names;
mod read;
mod temporary;

pub use folder::{Folder, Unfinished, prove_writable, refuse_link, write};
pub use lock::Busy;
pub use names::is_plain;
pub use read::{DATA, EVALUATION, IDX, Kind, METRICS, MODEL, PICTURE, RECIPE, TEXT, bytes, open, text};
pub use temporary::sweep;
