//! File systems on which the kernel does not see what other machines do.

use std::path::Path;

/// The magic numbers of statfs(2), as Linux's `linux/magic.h` and the file systems' own sources give them.
const REMOTE: [(u64, &str); 10] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
];

/// The name of the network file system that a folder is on, if it is on one.
pub(crate) fn kind_of(folder: &Path) -> Option<&'static str> {
    let magic = rustix::fs::statfs(folder).ok()?.f_type;
    // The kernel's type is signed on some machines; the numbers are 32 bits wide.
    name_of(magic as u64 & 0xffff_ffff)
}

fn name_of(magic: u64) -> Option<&'static str> {
    REMOTE.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        assert_eq!(name_of(0x6969), Some("NFS"));
        assert_eq!(name_of(u64::from(i32::from_ne_bytes(0xff53_4d42u32.to_ne_bytes()) as u32)), Some("CIFS"));
        assert_eq!(name_of(0xef53), None, "ext4");
        assert_eq!(kind_of(Path::new("/proc")), None);
    }
}
