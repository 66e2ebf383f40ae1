//! Azure Active Directory: the name of Microsoft Entra ID until 2023, for databases and variables that have it.

use super::MICROSOFT_ENTRA_ID;
use crate::provider::Service;

/// Azure Active Directory.
pub const AZURE_AD: Service =
    Service { id: "azure-ad", name: "Azure Active Directory", ..MICROSOFT_ENTRA_ID };
