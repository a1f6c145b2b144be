package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoCgroups is matched by the errors that say why workers cannot have
// cgroups of their own.
var ErrNoCgroups = errors.New("no cgroups of our own")

// CgroupLimits are those of one worker. Both are required.
type CgroupLimits struct {
	Memory    int64 // memory.max in bytes; swap is off
	Processes int64 // pids.max: threads count
}

func (l CgroupLimits) validate(name string) error {
	if l.Memory <= 0 || l.Processes <= 0 {
		return errors.New("sandbox: a cgroup without a limit")
	}
	if name == "" || len(name) > 100 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || name == serverLeaf {
		return fmt.Errorf("sandbox: %q is no name for a cgroup", name)
	}
	return nil
}

// serverLeaf is the cgroup into which the server moves itself.
const serverLeaf = "server"
