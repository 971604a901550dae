"""Numbers are as long as they mean anything, so that two machines write the same."""

from showdown.report.exports.values import Value, rounded


def test_the_last_bits_are_cut() -> None:
    assert rounded(1 / 3) == 0.333333333
    assert rounded(123_456_789.4) == 123_456_789
    assert Value(value=2 / 3).model_dump_json() == '{"value":0.666666667,"low":null,"high":null}'
