//! What a load tells while it runs.

/// Hears what a load does. Every method does nothing unless it is overridden.
pub trait Progress {
    /// Something that the user should know, but that does not stop the load.
    fn notice(&mut self, text: &str) {
        let _ = text;
    }

    /// A file is on its way, from a server or from the disk: `received` bytes of `file`, of `total` where that is
    /// known.
    fn download(&mut self, file: &str, received: u64, total: Option<u64>) {
        let _ = (file, received, total);
    }

    /// That file's way has ended, well or badly.
    fn download_ended(&mut self) {}
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {}
