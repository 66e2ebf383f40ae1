//! A file of its own.

/* the block */
