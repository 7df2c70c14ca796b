package upload

import (
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// ErrChanged says that a file was modified while it was read, so that the object would have had neither the old nor the
// new content.
var ErrChanged = errors.New("the file changed while it was read")

// sniffBytes is how many bytes http.DetectContentType reads.
const sniffBytes = 512

// steadyFile reads a file once. It returns ErrChanged instead of io.EOF if the file has changed since it was opened, so
// that the upload fails before its last request.
type steadyFile struct {
	file   *os.File
	opened fs.FileInfo
	read   int64
	crc32  uint32 // of the bytes read so far
}

// open opens a regular file. It checks the type before it opens the file, because opening a pipe waits for its writer and
// opening a device may have an effect.
func open(path string) (*steadyFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, userfile.WithoutPath(err)
	}
	if err := checkRegular(info); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, userfile.WithoutPath(err)
	}
	opened, err := file.Stat()
	if err == nil {
		err = checkRegular(opened)
	}
	if err != nil {
		file.Close()
		return nil, userfile.WithoutPath(err)
	}
	return &steadyFile{file: file, opened: opened}, nil
}

func checkRegular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

func (f *steadyFile) size() int64 { return f.opened.Size() }

// Read implements io.Reader.
func (f *steadyFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	f.read += int64(n)
	f.crc32 = crc32.Update(f.crc32, crc32.IEEETable, p[:n])
	switch {
	case f.read > f.size():
		return n, ErrChanged
	case err == io.EOF:
		return n, f.end()
	case err != nil:
		return n, userfile.WithoutPath(err)
	}
	return n, nil
}

func (f *steadyFile) end() error {
	now, err := f.file.Stat()
	if err != nil {
		return userfile.WithoutPath(err)
	}
	if f.read != f.size() || now.Size() != f.size() || !now.ModTime().Equal(f.opened.ModTime()) {
		return ErrChanged
	}
	return io.EOF
}

func (f *steadyFile) Close() error { return f.file.Close() }

// contentType uses the file's extension, or its first bytes if the extension is unknown.
func (f *steadyFile) contentType() (string, error) {
	if byExtension := mime.TypeByExtension(filepath.Ext(f.file.Name())); byExtension != "" {
		return byExtension, nil
	}
	if f.size() == 0 {
		return "application/octet-stream", nil
	}
	start := make([]byte, sniffBytes)
	n, err := f.file.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return "", userfile.WithoutPath(err)
	}
	return http.DetectContentType(start[:n]), nil
}
