//! The stable reasons of `volume check`, with what each means.

use crate::error::code_table;

code_table! {
    /// The reason why storage is not encrypted as it must be, or why that is unknown.
    pub enum EncryptionReason {
        "Not encrypted as it must be":
            NotEncrypted "not_encrypted" "The data lies on a device without encryption.";
            NoVolume "no_volume" "The data lies in memory, not on a volume.";
            Luks1 "luks1" "The device is encrypted with LUKS1 instead of LUKS2.";
            NotLuks2 "not_luks2" "The device is encrypted in another format than LUKS2.";
            Cipher "cipher" "The volume uses another cipher than aes-xts-plain64.";
            KeySize "key_size" "The volume key does not have 512 bits.";
            NoKeyslot "no_keyslot" "The LUKS2 header has no key slot left: no key ever opens the volume again.";
            ReencryptionPending "reencryption_pending" "The reencryption of the volume is not complete.";
            NoHeader "no_header" "The device of the volume has no LUKS header.";
            HeaderDamaged "header_damaged" "The LUKS2 header is damaged.";
            HeaderOther "header_other" "The LUKS2 header belongs to another volume.";
        "The answer is unknown":
            Missing "missing" "There is no such path.";
            Unreadable "unreadable" "The path or the device cannot be read.";
            NoDevice "no_device" "The device below the path cannot be found out.";
            TooDeep "too_deep" "More than 32 layers lie on each other.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::assert_promised;

    #[test]
    fn reasons_are_those_that_were_promised() {
        assert_promised(
            EncryptionReason::ALL.iter().map(|one| one.name()),
            "cipher\nheader_damaged\nheader_other\nkey_size\nluks1\nmissing\nno_device\nno_header\n\
             no_keyslot\nno_volume\nnot_encrypted\nnot_luks2\nreencryption_pending\ntoo_deep\n\
             unreadable\n",
        );
    }
}
