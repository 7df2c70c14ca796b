//go:build !unix

package lock

const (
	// noFollow does not exist here: only the access list of the directory protects the path.
	noFollow = 0
	// removes is false: Windows does not remove a file that another process has open.
	removes = false
)
