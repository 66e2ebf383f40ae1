//! Helpers shared by the tests of several parsers.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Generates any JSON value, more often the malformed ones that real providers have sent.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,20}".prop_map(Value::from),
        prop_oneof![
            Just("https://op.test/x"),
            Just("http://other.test/x"),
            Just("/x"),
            Just(""),
            Just("AAAA="),
            Just("AAB"),
            Just("RS256"),
            Just("true"),
            Just("false"),
            Just("none")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}
