// Package verdict reads the reviewed lists of functions that each dialect has:
// families.tsv, a verdict with its reason for each family, and functions.tsv,
// the functions with their kinds, families and traits. What a dialect's lists
// may say is its [Form]; everything else is a mistake with its line.
package verdict
