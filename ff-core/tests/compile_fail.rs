//! What must not compile, and what the compiler says about it.

#[test]
fn wrong_shapes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/cfail/*.rs");
}
