package cors

import "strings"

const (
	// maxPadding is how much white space and how many empty elements and lines
	// proxies may have put into a list: RFC 9110, section 5.6.1.2, asks to
	// accept a reasonable number of empty elements.
	maxPadding = 16
)

// headerSet is the set of allowed request headers.
type headerSet struct {
	names map[string]struct{} // in lower case
	bytes int                 // the longest list that can be all allowed, in bytes
}

func newHeaderSet(names []string) headerSet {
	s := headerSet{names: make(map[string]struct{}, len(names)), bytes: maxPadding}
	for _, name := range names {
		s.names[strings.ToLower(name)] = struct{}{}
		s.bytes += len(name) + len(" , ")
	}
	return s
}

// covers reports whether all elements of Access-Control-Request-Headers are
// allowed. Browsers send each name once, in lower case (Fetch, "CORS-unsafe
// request-header names"); other case is no browser's, and refused. Lists with
// more bytes or elements than all allowed names take are not read.
func (s *headerSet) covers(lines []string) bool {
	bytes, elements := 0, 0
	for _, line := range lines {
		if bytes += len(line) + 1; bytes > s.bytes {
			return false
		}
		for more := true; more; {
			var element string
			element, line, more = strings.Cut(line, ",")
			if elements++; elements > len(s.names)+maxPadding {
				return false
			}
			if element = strings.Trim(element, " \t"); element == "" {
				continue
			}
			if _, ok := s.names[element]; !ok {
				return false
			}
		}
	}
	return true
}
