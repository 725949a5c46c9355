package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The node mounts over a few fixed folders of the machine, in its own mount
// namespace. Removing an empty folder removes the mounts on it in every *other*
// namespace too (since Linux 3.18), so one cluster's down
// would pull /var/lib/kubelet away from under another. A marker file for each
// cluster keeps the folder from being empty while one of them needs it.

// ownMountPoints are those that exist for us; /var/log is the machine's.
var ownMountPoints = []string{"/var/lib/kubelet", "/var/lib/cni"}

// fixedPaths are all that the node hides behind directories of its state.
var fixedPaths = append([]string{"/var/log"}, ownMountPoints...)

func (o *options) marker(folder string) string {
	return filepath.Join(folder, "."+o.cgroupName())
}

// holdMountPoints makes the folders and marks them as used by this cluster.
func (o *options) holdMountPoints() error {
	for _, folder := range ownMountPoints {
		var err error
		for range 5 { // another cluster's down may remove the folder in between
			if err = os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
			if err = os.WriteFile(o.marker(folder), nil, 0o644); !errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// releaseMountPoints removes our marks, and each folder that nobody uses any more.
func (o *options) releaseMountPoints() {
	for _, folder := range ownMountPoints {
		_ = os.Remove(o.marker(folder)) // absent after a start that failed early
		_ = os.Remove(folder)           // fails, as it should, when somebody else's files are in it
	}
}
