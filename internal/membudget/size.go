package membudget

import "strconv"

// size writes bytes as the configuration does, rounded to MiB.
func size(bytes int64) string {
	mib := (bytes + 1<<19) >> 20
	if mib >= 1024 && mib%1024 == 0 {
		return strconv.FormatInt(mib/1024, 10) + "GiB"
	}
	return strconv.FormatInt(mib, 10) + "MiB"
}

// floor and ceil are sizes that can be written into a configuration as they are.
func floor(bytes int64) string { return size(bytes >> 20 << 20) }
func ceil(bytes int64) string  { return floor(bytes + 1<<20 - 1) }
