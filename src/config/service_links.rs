//! Recognizes the variables that Kubernetes sets in a container for each service of its namespace ("service links"), and
//! Docker for linked containers. Rule: they are never settings, even if their names look like ours.
//!
//! A service called `auth` leads to `AUTH_SERVICE_HOST`, `AUTH_SERVICE_PORT`, `AUTH_SERVICE_PORT_<NAME>`, `AUTH_PORT` and
//! `AUTH_PORT_80_TCP` with `_PROTO`, `_PORT` and `_ADDR`. Source: Kubernetes, "Service": environment variables.

/// Returns whether Kubernetes has set a variable, judging by its name and its value.
#[must_use]
pub fn is_service_link(variable: &str, value: &str) -> bool {
    let value = value.trim();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_base = |suffix: &str| variable.strip_suffix(suffix).is_some_and(|base| !base.is_empty());
    if has_base("_SERVICE_HOST") {
        return true;
    }
    // A port can have any name, for example `id` or `secret`.
    if has_base("_SERVICE_PORT") || variable.find("_SERVICE_PORT_").is_some_and(|start| start > 0) {
        return is_number(value);
    }
    if has_base("_PORT") && is_address(value) {
        return true;
    }
    let Some(start) = variable.rfind("_PORT_").filter(|start| *start > 0) else { return false };
    let mut parts = variable[start + "_PORT_".len()..].split('_');
    let (port, protocol, part) = (parts.next(), parts.next(), parts.next());
    port.is_some_and(is_number)
        && matches!(protocol, Some("TCP" | "UDP" | "SCTP"))
        && matches!(part, None | Some("PROTO" | "PORT" | "ADDR"))
        && parts.next().is_none()
}

/// Returns whether a value is an address such as `tcp://10.0.0.1:80`.
#[must_use]
pub fn is_address(value: &str) -> bool {
    ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.trim().starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_24_variables_of_kubernetes_are_recognised() {
        for (variable, value) in [
            ("AUTH_SERVICE_HOST", "10.0.171.239"),
            ("AUTH_SERVICE_PORT", "80"),
            ("AUTH_SERVICE_PORT_HTTP", "80"),
            ("AUTH_SERVICE_PORT_ID", "80"),
            ("AUTH_SERVICE_PORT_SECRET", "80"),
            ("AUTH_PORT", "tcp://10.0.171.239:80"),
            ("AUTH_PORT_80_TCP", "tcp://10.0.171.239:80"),
            ("AUTH_PORT_80_TCP_PROTO", "tcp"),
            ("AUTH_PORT_80_TCP_PORT", "80"),
            ("AUTH_PORT_80_TCP_ADDR", "10.0.171.239"),
            ("AUTH_PORT_53_UDP_ADDR", "10.0.171.239"),
            ("AUTH_GITHUB_PORT_443_TCP_ADDR", "10.0.171.239"),
            ("AUTH_PORT_PORT_80_TCP", "tcp://10.0.171.239:80"),
            ("EMAIL_SERVER_PORT", "tcp://[fd00::1]:25"),
        ] {
            assert!(is_service_link(variable, value), "{variable}");
        }
        for (variable, value) in [
            ("AUTH_PORT", "3000"),
            ("PORT", "tcp://10.0.171.239:80"),
            ("AUTH_URL", "tcp://10.0.171.239:80"),
            ("AUTH_SERVICE_PORT_ID", "our-client"),
            ("AUTH_PORT_80_TCP_NAME", "x"),
            ("AUTH_PORT_X_TCP", "x"),
            ("AUTH_GITHUB_ID", "80"),
            ("_SERVICE_HOST", "x"),
        ] {
            assert!(!is_service_link(variable, value), "control: {variable}");
        }
    }
}
