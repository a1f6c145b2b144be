package config

import "regexp"

var sourceNameForm = regexp.MustCompile(namePattern)

const sourceNameFix = "write a to z, then a to z, 0 to 9 and _, at most 63 characters, such as `flights`"

// sourceNameProblem says what is wrong with a source's name; empty: nothing.
func sourceNameProblem(name string) string {
	if sourceNameForm.MatchString(name) {
		return ""
	}
	return "this is not a name for a source"
}
