//! What the page of the second step shows to its owner.

use serde::{Deserialize, Serialize};

/// Somebody's second step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepOverview {
    /// How far it is.
    pub state: SecondStep,
    /// Whether the user proved a short while ago who they are: changes ask for that.
    pub is_fresh: bool,
}

/// How far somebody's second step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondStep {
    /// There is none.
    Off,
    /// The app gets the secret, and shows by a code that it has it. Counts only then.
    SettingUp(Enrolment),
    /// Every sign-in asks for a code.
    On(SecondStepInUse),
}

/// A secret on its way into the app. It opens nothing yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// To type, in groups of four.
    pub secret: String,
    /// `otpauth://…`: a link that apps on the same device open.
    pub uri: String,
    /// The same address for the camera of a phone; `None` when it is too long for one.
    pub picture: Option<QrPicture>,
}

/// A QR code as an SVG path of squares, one by one unit each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrPicture {
    /// Width and height, with the margin.
    pub size: u32,
    /// Attribute `d` of the dark squares.
    pub path: String,
}

/// A second step that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepInUse {
    /// Since when, in RFC 3339.
    pub since: String,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
    /// How many browsers are not asked.
    pub remembered_devices: u32,
    /// The recovery codes themselves, right after they were made and until their owner says that they are kept.
    pub new_codes: Vec<String>,
}

/// What the page that asks for a code needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStepForm {
    /// Goes into the hidden field `csrfToken`.
    pub csrf_token: String,
    /// Whether a sign-in of this browser waits for a code.
    pub is_waiting: bool,
    /// Whether others use this computer as well.
    pub is_shared: bool,
}
