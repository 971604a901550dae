use proptest::prelude::*;

use super::*;

const INT4: Oid = 23;
const TEXT: Oid = 25;

const NULL: [u8; 4] = [0xff; 4];

/// A composite as `record_send` writes it.
fn record(fields: &[(Oid, Option<&[u8]>)]) -> Vec<u8> {
    let mut raw = length(fields.len());
    for (oid, value) in fields {
        raw.extend(oid.to_be_bytes());
        raw.extend(sized(*value));
    }
    raw
}

/// An array of one dimension as `array_send` writes it.
fn array(element: Oid, elements: &[Option<&[u8]>]) -> Vec<u8> {
    let mut raw =
        [length(1), length(0), element.to_be_bytes().to_vec(), length(elements.len()), length(1)]
            .concat();
    for value in elements {
        raw.extend(sized(*value));
    }
    raw
}

fn sized(value: Option<&[u8]>) -> Vec<u8> {
    value.map_or(NULL.to_vec(), |value| [&length(value.len()), value].concat())
}

fn length(length: usize) -> Vec<u8> {
    i32::try_from(length).unwrap().to_be_bytes().to_vec()
}

fn read(raw: &[u8]) -> Result<Vec<Field<'_>>, String> {
    let mut fields = Vec::new();
    read_record(&mut Reader::new(raw, 0), &mut fields).map_err(|error| error.to_string())?;
    Ok(fields)
}

type Element<'a> = Option<(usize, &'a [u8])>;

fn elements(raw: &[u8]) -> Result<Vec<Element<'_>>, String> {
    record_elements(raw).and_then(Iterator::collect).map_err(|error| error.to_string())
}

#[test]
fn each_field_of_a_record_has_a_type_and_a_value() {
    let raw = record(&[(INT4, Some(&[0, 0, 0, 7])), (TEXT, None), (TEXT, Some(b""))]);
    assert_eq!(
        read(&raw).unwrap(),
        [
            Field { oid: INT4, value: Some(&[0, 0, 0, 7]), offset: 12 },
            Field { oid: TEXT, value: None, offset: 24 },
            Field { oid: TEXT, value: Some(b""), offset: 32 },
        ]
    );
    assert_eq!(read(&record(&[])).unwrap(), []);
}

#[test]
fn records_follow_one_another() {
    let raw = [record(&[(TEXT, Some(b"first"))]), record(&[(TEXT, Some(b"second"))])].concat();
    let mut reader = Reader::new(&raw, 100);
    let mut fields = Vec::new();
    read_record(&mut reader, &mut fields).unwrap();
    assert_eq!(fields, [Field { oid: TEXT, value: Some(b"first"), offset: 112 }]);
    reader.end().unwrap_err();
    read_record(&mut reader, &mut fields).unwrap();
    assert_eq!(fields, [Field { oid: TEXT, value: Some(b"second"), offset: 129 }]);
    reader.end().unwrap();
}

#[test]
fn what_is_wrong_with_a_record_is_said_with_its_place() {
    for (raw, what) in [
        (&[][..], "cut off: 4 bytes should follow, 0 do (byte 0)"),
        (&[0, 0, 0, 2, 0, 0, 0, 25], "2 fields do not fit into the 4 bytes that follow (byte 0)"),
        (
            &[0x7f, 0xff, 0xff, 0xff],
            "2147483647 fields do not fit into the 0 bytes that follow (byte 0)",
        ),
        (&[0xff, 0xff, 0xff, 0xff], "a length of -1 (byte 0)"),
        (&[0, 0, 0, 1, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xfe], "a length of -2 (byte 8)"),
        (
            &[0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, b'a'],
            "cut off: 2 bytes should follow, 1 do (byte 12)",
        ),
    ] {
        assert_eq!(read(raw).unwrap_err(), what);
    }
}

#[test]
fn a_reader_says_what_is_left() {
    let mut reader = Reader::new(&[0, 0, 0, 25, 1, 2], 10);
    assert_eq!(reader.oid().unwrap(), TEXT);
    assert_eq!((reader.offset(), reader.left(), reader.is_empty()), (14, 2, false));
    assert_eq!(reader.end().unwrap_err().to_string(), "2 bytes too many (byte 14)");
    assert_eq!(
        reader.int().unwrap_err().to_string(),
        "cut off: 4 bytes should follow, 2 do (byte 14)"
    );
    assert_eq!(reader.array().unwrap(), [1, 2]);
    reader.end().unwrap();
}

#[test]
fn elements_are_records_with_their_places() {
    let first = record(&[(TEXT, Some(b"first"))]);
    for element in [RECORD, FIRST_OF_USERS] {
        let raw = array(element, &[Some(&first), None, Some(&first)]);
        assert_eq!(
            elements(&raw).unwrap(),
            [Some((24, &*first)), None, Some((24 + first.len() + 8, &*first))]
        );
    }
}

#[test]
fn an_empty_array_has_no_dimensions() {
    let raw = [length(0), length(0), RECORD.to_be_bytes().to_vec()].concat();
    assert_eq!(elements(&raw).unwrap(), []);
}

#[test]
fn arrays_of_other_things_are_refused() {
    let one = array(RECORD, &[None]);
    let error = |raw: &[u8]| elements(raw).unwrap_err();
    assert_eq!(
        error(&array(INT4, &[])),
        "an array of [0] elements does not fit into the 0 bytes that follow (byte 0)"
    );
    assert_eq!(error(&array(INT4, &[None])), "an array of type OID 23, not of composites (byte 0)");
    let two = [&length(2), &one[4..20], &one[12..]].concat();
    assert_eq!(error(&two), "an array of composites with more than one dimension (byte 0)");
    assert_eq!(error(&[one, vec![0]].concat()), "1 bytes too many (byte 24)");
}

#[test]
fn the_iteration_ends_with_the_first_wrong_element() {
    let mut raw = array(RECORD, &[None, Some(b"a long one"), None]);
    raw.truncate(raw.len() - 5);
    let mut elements = record_elements(&raw).unwrap();
    assert_eq!(elements.next(), Some(Ok(None)));
    assert_eq!(elements.next().unwrap().unwrap_err().offset, 28);
    assert_eq!(elements.next(), None);
}

/// Values with any bytes, and NULLs.
fn values() -> impl Strategy<Value = Vec<(Oid, Option<Vec<u8>>)>> {
    prop::collection::vec(
        (any::<Oid>(), prop::option::of(prop::collection::vec(any::<u8>(), 0..9))),
        0..6,
    )
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_written(values in values()) {
        let fields: Vec<_> = values.iter().map(|(oid, value)| (*oid, value.as_deref())).collect();
        let raw = record(&fields);
        let read = read(&raw).unwrap();
        prop_assert_eq!(read.iter().map(|field| (field.oid, field.value)).collect::<Vec<_>>(), fields);
        for field in read {
            let value = field.value.unwrap_or_default();
            prop_assert_eq!(&raw[field.offset..][..value.len()], value);
        }
    }

    #[test]
    fn a_record_cut_off_anywhere_is_an_error(values in values()) {
        let raw = record(&values.iter().map(|(oid, value)| (*oid, value.as_deref())).collect::<Vec<_>>());
        for end in 0..raw.len() {
            prop_assert!(read(&raw[..end]).is_err());
        }
    }

    #[test]
    fn elements_cut_off_anywhere_are_an_error(values in values()) {
        prop_assume!(!values.is_empty());
        let raw = array(RECORD, &values.iter().map(|(_, value)| value.as_deref()).collect::<Vec<_>>());
        prop_assert_eq!(elements(&raw).unwrap().len(), values.len());
        for end in 0..raw.len() {
            prop_assert!(elements(&raw[..end]).is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(raw in prop::collection::vec(prop_oneof![Just(0), 0..4_u8, any::<u8>()], 0..60)) {
        if let Ok(fields) = read(&raw) {
            for field in fields {
                prop_assert!(field.offset + field.value.unwrap_or_default().len() <= raw.len());
            }
        }
        if let Ok(elements) = elements(&raw) {
            prop_assert!(elements.len() <= raw.len() / 4);
        }
    }
}
