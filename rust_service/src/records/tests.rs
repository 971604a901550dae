use super::*;

/// The type of the elements, as it is sent.
const RECORD: i32 = 2249;

#[derive(Debug, PartialEq, Eq)]
struct Pet<'a> {
    id: i64,
    name: Option<&'a str>,
    young: Records<Young>,
}

#[derive(Debug, PartialEq, Eq)]
struct Young(i32);

impl<'a> FromFields<'a> for Pet<'a> {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self { id: fields.take()?, name: fields.take()?, young: fields.take()? })
    }
}

impl<'a> FromFields<'a> for Young {
    fn from_fields(fields: &mut impl Fields<'a>) -> Result<Self, Unreadable> {
        Ok(Self(fields.take()?))
    }
}

fn value(value: Option<&[u8]>) -> Vec<u8> {
    let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
    [&length.to_be_bytes(), value.unwrap_or_default()].concat()
}

fn field(ty: &Type, content: Option<&[u8]>) -> Vec<u8> {
    [&ty.oid().to_be_bytes()[..], &value(content)].concat()
}

fn record(fields: &[Vec<u8>]) -> Vec<u8> {
    [&i32::try_from(fields.len()).unwrap().to_be_bytes()[..], &fields.concat()].concat()
}

fn array(elements: &[Option<&[u8]>]) -> Vec<u8> {
    let length = i32::try_from(elements.len()).unwrap();
    let nulls = i32::from(elements.contains(&None));
    let header = [1, nulls, RECORD, length, 1];
    let elements: Vec<u8> = elements.iter().flat_map(|element| value(*element)).collect();
    [header.map(i32::to_be_bytes).concat(), elements].concat()
}

/// An empty array in the form that Postgres sends: without a dimension.
fn empty_array() -> Vec<u8> {
    [0, 0, RECORD].map(i32::to_be_bytes).concat()
}

fn young(ages: &[i32]) -> Vec<u8> {
    let records: Vec<_> =
        ages.iter().map(|age| record(&[field(&Type::INT4, Some(&age.to_be_bytes()))])).collect();
    array(&records.iter().map(|record| Some(&record[..])).collect::<Vec<_>>())
}

fn pets() -> Vec<u8> {
    let first = record(&[
        field(&Type::INT8, Some(&1_i64.to_be_bytes())),
        field(&Type::TEXT, Some("Mia 🐈".as_bytes())),
        field(&Type::RECORD_ARRAY, Some(&young(&[3, 4]))),
    ]);
    let second = record(&[
        field(&Type::INT8, Some(&i64::MAX.to_be_bytes())),
        field(&Type::TEXT, None),
        field(&Type::RECORD_ARRAY, None),
    ]);
    array(&[Some(&first), Some(&second)])
}

fn read(raw: &[u8]) -> Result<Records<Pet<'_>>, Unreadable> {
    Records::from_sql(&Type::RECORD_ARRAY, raw)
}

/// A pet whose id is `field`.
fn with_id(id: Vec<u8>) -> Vec<u8> {
    let rest = [field(&Type::TEXT, None), field(&Type::RECORD_ARRAY, None)];
    array(&[Some(&record(&[&[id][..], &rest].concat()))])
}

fn refused(raw: &[u8]) -> String {
    read(raw).unwrap_err().to_string()
}

#[test]
fn records_in_records_are_read() {
    let expected = [
        Pet { id: 1, name: Some("Mia 🐈"), young: Records(vec![Young(3), Young(4)]) },
        Pet { id: i64::MAX, name: None, young: Records(vec![]) },
    ];
    assert_eq!(read(&pets()).unwrap().0, expected);
}

#[test]
fn null_and_empty_arrays_hold_nothing() {
    let null: Records<Young> = Records::from_sql_null(&Type::RECORD_ARRAY).unwrap();
    assert_eq!(null.0, []);
    assert_eq!(read(&empty_array()).unwrap().0, []);
    assert_eq!(read(&array(&[])).unwrap().0, []);
}

#[test]
fn only_arrays_of_records_are_accepted() {
    assert!(<Records<Young> as FromSql<'_>>::accepts(&Type::RECORD_ARRAY));
    assert!(!<Records<Young> as FromSql<'_>>::accepts(&Type::RECORD));
    assert!(!<Records<Young> as FromSql<'_>>::accepts(&Type::INT4_ARRAY));
}

#[test]
fn fields_of_another_type_are_refused() {
    assert_eq!(refused(&with_id(field(&Type::INT4, Some(&[0; 4])))), "a field of type int4");
    let nowhere = [u32::MAX.to_be_bytes(), (-1_i32).to_be_bytes()].concat();
    assert_eq!(refused(&with_id(nowhere)), "an unknown type, 4294967295");
}

#[test]
fn fields_of_another_length_are_refused() {
    for length in [0, 4, 7, 9] {
        refused(&with_id(field(&Type::INT8, Some(&vec![0; length]))));
    }
}

#[test]
fn nulls_are_refused_where_a_value_is_needed() {
    refused(&with_id(field(&Type::INT8, None)));
    assert_eq!(refused(&array(&[None])), "a record that is NULL");
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let id = field(&Type::INT8, Some(&[0; 8]));
    let name = field(&Type::TEXT, Some(b"\xff"));
    let pet = record(&[id, name, field(&Type::RECORD_ARRAY, None)]);
    refused(&array(&[Some(&pet)]));
}

#[test]
fn too_few_and_too_many_fields_are_refused() {
    let id = || field(&Type::INT8, Some(&[0; 8]));
    let null = || field(&Type::RECORD_ARRAY, None);
    let few = record(&[id()]);
    assert_eq!(refused(&array(&[Some(&few)])), "a record with too few fields");
    let many = record(&[id(), field(&Type::TEXT, None), null(), null()]);
    assert_eq!(refused(&array(&[Some(&many)])), "a record with 1 fields too many");
}

#[test]
fn lengths_that_lie_are_refused_without_an_allocation() {
    let mut endless = array(&[]);
    endless[12..16].copy_from_slice(&i32::MAX.to_be_bytes());
    assert_eq!(refused(&endless), "cut off");
    endless[12..16].copy_from_slice(&(-1_i32).to_be_bytes());
    refused(&endless);
}

#[test]
fn what_is_cut_off_anywhere_or_goes_on_is_refused() {
    let whole = pets();
    for end in 0..whole.len() {
        refused(&whole[..end]);
    }
    refused(&[&whole[..], &[0]].concat());
}

#[test]
fn no_byte_makes_it_panic() {
    let whole = pets();
    for index in 0..whole.len() {
        for byte in 0..=u8::MAX {
            let mut changed = whole.clone();
            changed[index] = byte;
            let read = read(&changed);
            assert!(byte != whole[index] || read.is_ok());
        }
    }
}
