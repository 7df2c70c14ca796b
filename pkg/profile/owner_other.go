//go:build !unix

package profile

// ownedByUs is always true where there is no root.
func ownedByUs(string) bool { return true }
