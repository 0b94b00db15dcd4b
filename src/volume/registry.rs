//! Every kind of operation, and the code that runs it.

use super::encrypt::DeviceEncryption;
use super::erase::Erasure;
use super::in_place::InPlaceEncryption;
use super::kind::OperationKind;
use super::operation::{self, OperationStep, VolumeOperation};
use super::record::Record;
use super::rekey::KeyChange;
use super::restore::HeaderRestoration;
use super::run::OperationRun;
use super::stored::StoredVolume;
use super::volume_key::VolumeKeyChange;
use crate::error::Result;

fn operation(kind: &OperationKind) -> Box<dyn VolumeOperation + '_> {
    match kind {
        OperationKind::Encrypt(options) if options.in_place => Box::new(InPlaceEncryption(options)),
        OperationKind::Encrypt(options) => Box::new(DeviceEncryption(options)),
        OperationKind::Rekey => Box::new(KeyChange),
        OperationKind::NewVolumeKey { .. } => Box::new(VolumeKeyChange),
        OperationKind::Restore => Box::new(HeaderRestoration),
        OperationKind::Erase { .. } => Box::new(Erasure),
    }
}

/// Returns the steps of an operation on a volume, in order.
#[must_use]
pub fn steps(kind: &OperationKind, record: &Record) -> Vec<&'static OperationStep> {
    operation(kind).steps(record)
}

/// Runs an operation, or what is left of it. Returns the volume as it is afterwards, or `None` once
/// its Secret is deleted.
///
/// # Errors
/// Those of the steps. The operation stays pending, at the step that failed.
pub fn run(run: OperationRun<'_>) -> Result<Option<StoredVolume>> {
    let (kind, _) = run.pending()?;
    operation::run(operation(&kind).as_ref(), run)
}

/// Rolls back an operation.
///
/// # Errors
/// Those of the steps; exit 4 when the operation can only go forward.
pub fn roll_back(run: OperationRun<'_>) -> Result<()> {
    let (kind, _) = run.pending()?;
    operation::roll_back(operation(&kind).as_ref(), run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::kind::{RecordedStep, StepName};

    /// A record as version 1 writes it, with everything that may be in it.
    fn document(operation: &str) -> String {
        format!(
            "{{\"version\":1,\"id\":\"db-1\",\"uuid\":\"6f2c7a10-8a51-4d59-9f43-0c3f2f3f7c11\",\
             \"key\":\"store\",\"device\":{{\"path\":\"/dev/sdb\",\"by_id\":null,\"serial\":\"S1\",\
             \"wwn\":null,\"size\":67108864,\"is_file\":false}},\"node\":\"n1\",\
             \"made\":\"2026-01-02T03:04:05Z\",\"label\":\"data\",\"file_system\":{{\"kind\":\"ext4\"}},\
             \"mount\":\"/data\",\"pending\":{{{operation},\"step\":\"record\",\"node\":\"n1\",\
             \"since\":\"2026-01-02T03:04:05.000000006Z\"}}}}"
        )
    }

    const OPTIONS: &str = "\"overwrite\":false,\"open\":true,\"persist\":true,\"command\":\"c\"";

    #[test]
    fn records_keep_their_form_and_operations_their_steps() {
        let blank = format!(
            "\"operation\":\"encrypt\",\"in_place\":false,{}",
            OPTIONS.replace("\"open\"", "\"mkfs\":\"ext4\",\"open\"")
        );
        let in_place =
            format!("\"operation\":\"encrypt\",\"in_place\":true,\"sector_size\":512,{OPTIONS}");
        for (operation, expected) in [
            (blank.as_str(), "record format backup open mkfs mount persist done"),
            (in_place.as_str(), "record begin encrypt backup open mount persist done"),
            ("\"operation\":\"rekey\"", "record add promote retire done"),
            (
                "\"operation\":\"new_volume_key\",\"before\":\"d\"",
                "record begin encrypt backup done",
            ),
            ("\"operation\":\"restore\"", "record write test done"),
            ("\"operation\":\"erase\",\"keep_secret\":true", "record slots header secret"),
        ] {
            let text = document(operation);
            let record = Record::read(text.as_bytes(), "a record").expect("a record");
            assert_eq!(String::from_utf8(record.write().expect("JSON")).expect("UTF-8"), text);
            let pending = record.pending.as_ref().expect("an operation");
            let steps = steps(&pending.kind, &record);
            assert_eq!(steps[0].name, StepName::Record);
            let names: Vec<String> =
                steps.iter().map(|step| RecordedStep::Known(step.name).to_string()).collect();
            assert_eq!(names.join(" "), expected);
        }
    }

    #[test]
    fn encryption_leaves_out_the_steps_that_nothing_asks_for() {
        let operation = "\"operation\":\"encrypt\",\"in_place\":false,\"overwrite\":false,\
                         \"open\":false,\"persist\":false,\"command\":\"c\"";
        let text = document(operation);
        let mut record = Record::read(text.as_bytes(), "a record").expect("a record");
        record.mount = None;
        let kind = record.pending.as_ref().expect("an operation").kind.clone();
        let names: Vec<StepName> = steps(&kind, &record).iter().map(|step| step.name).collect();
        let expected = [StepName::Record, StepName::Format, StepName::Backup, StepName::Done];
        assert_eq!(names, expected);
    }
}
