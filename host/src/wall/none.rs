//! Where there is nothing to make a wall of.

use super::{Plan, WallError};

/// Says that this system has no second wall.
pub fn raise(_: &Plan) -> Result<u32, WallError> {
    Err(WallError::NotLinux)
}
