package config

// NamedFile is a file that a configuration names, and that the server reads.
type NamedFile struct {
	// Path names the setting, such as "tls.cert".
	Path string
	// Line is where in the file it is written, from 1.
	Line int
	// Written is the name as it stands in the configuration; it can be shown. Name is the same with ${NAME} substituted,
	// which may come from a secret.
	Written, Name string
	// Source: it is a source's location, which may be a folder. Locations that are URLs are not listed.
	Source bool
}

// Files lists the files that a configuration names, as far as it can be read, whatever else is wrong with it. It opens
// none: whether they are there is the caller's to see.
func Files(data []byte, lookup Lookup) []NamedFile {
	file, _ := decode(data)
	if file == nil {
		return nil
	}
	var list []NamedFile
	add := func(s *setting, path string, v value, given bool) {
		// The cache is made where it is not there.
		if !given || s.kind != kindPath || s.path == "cache" {
			return
		}
		named := NamedFile{Path: path, Line: v.place.line, Written: v.text, Source: s.leaf() == "location"}
		if len(v.expand(lookup)) > 0 || len(s.judge(s.holding(v))) > 0 {
			return // Load says so
		}
		if named.Name = v.text; named.Source && scheme.MatchString(named.Name) {
			return // no file
		}
		list = append(list, named)
	}
	for _, s := range settings {
		v, given := file.values[s.path]
		add(s, s.path, v, given)
	}
	for _, from := range file.sources {
		for _, s := range settings {
			v, given := from.values[s.path]
			add(s, s.inSource(from.name), v, given)
		}
	}
	return list
}
