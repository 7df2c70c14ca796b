package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/internal/upload"
)

// uploadTimeout limits one upload of all its files.
const uploadTimeout = 24 * time.Hour

func newUploadCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "upload FILE...",
		Short: "Upload files to your own S3 prefix",
		Long: "Uploads files to the profile's bucket, under the prefix that only you can write to, and prints the\n" +
			"s3:// URL of each on stdout. An existing object of that name is replaced. Exit code 3 means that\n" +
			"some files were uploaded and some were not, 5 that AWS refused.",
		Example: "  daypass upload photo.jpg\n  daypass upload --output json *.pdf",
		Args:    someFiles,
		RunE: func(cmd *cobra.Command, paths []string) error {
			ctx, cancel := app.within(cmd.Context(), uploadTimeout)
			defer cancel()
			uploader, files, err := app.prepareUpload(ctx, paths)
			if err != nil {
				return err
			}
			return app.upload(ctx, uploader, files)
		},
	}
}

func someFiles(_ *cobra.Command, paths []string) error {
	if len(paths) == 0 {
		return usagef("upload needs at least one file: daypass upload FILE...")
	}
	return nil
}

// prepareUpload checks all paths before the person is asked to sign in.
func (app *App) prepareUpload(ctx context.Context, paths []string) (*daypass.Uploader, []upload.File, error) {
	client, err := app.open(nil)
	if err != nil {
		return nil, nil, err
	}
	p := client.Profile()
	if p.Upload.Bucket == "" {
		return nil, nil, usagef("%s", nowhereToUpload(p.Name))
	}
	if _, err := upload.Plan(p.Upload.Prefix.String(), paths); err != nil {
		return nil, nil, err
	}
	uploader, err := client.Uploader(ctx)
	if err != nil {
		return nil, nil, err
	}
	files, err := upload.Plan(uploader.Prefix(), paths)
	return uploader, files, err
}

func nowhereToUpload(profile string) string {
	if profile == "" {
		return "no bucket to upload to: set --upload-bucket and --upload-prefix"
	}
	return fmt.Sprintf("profile %q has no bucket to upload to: set upload.bucket and upload.prefix", profile)
}

// uploaded is the JSON of upload. It is stable: fields are added, never renamed.
type uploaded struct {
	Uploaded []uploadedFile `json:"uploaded"`
	Failed   []failedFile   `json:"failed"`
}

type uploadedFile struct {
	File        string `json:"file"`
	URL         string `json:"url"`
	Size        int64  `json:"size"`
	ETag        string `json:"etag,omitempty"`
	ContentType string `json:"content_type"`
}

type failedFile struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// upload uploads one file after the other and continues after a failure.
func (app *App) upload(ctx context.Context, uploader *daypass.Uploader, files []upload.File) error {
	t := app.terminal()
	result := uploaded{Uploaded: []uploadedFile{}, Failed: []failedFile{}}
	var failures []error
	for _, file := range files {
		t.waitForUpload(file)
		object, err := uploader.Upload(ctx, file.Path, file.Key)
		t.waits.end()
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			failures = append(failures, err)
			result.Failed = append(result.Failed, failedFile{file.Path, err.Error()})
			continue
		}
		result.Uploaded = append(result.Uploaded, uploadedFile{
			file.Path, object.URL, object.Size, object.ETag, object.ContentType})
		if app.global.output == "text" {
			fmt.Fprintln(app.Out, app.printedURL(object.URL))
		}
	}
	if app.global.output == "json" {
		if err := writeJSON(app.Out, result); err != nil {
			return err
		}
	}
	return t.uploadFailures(failures, result.Uploaded)
}

// printedURL returns the URL as it is for a program. For a terminal it quotes a URL with characters that the terminal would
// act on, as ls does.
func (app *App) printedURL(url string) string {
	if isTerminal(app.Out) {
		return sanitize.Quoted(url)
	}
	return url
}

func (t *terminal) waitForUpload(file upload.File) {
	if info, err := os.Stat(file.Path); err == nil {
		t.wait("Uploading %s (%s) …", file, size(info.Size()))
	}
}

// reportedError ends the command with an exit code. Its errors have already been printed.
type reportedError struct{ exitCode int }

func (e *reportedError) Error() string { return fmt.Sprintf("exit code %d", e.exitCode) }

// uploadFailures prints the failures and decides the exit code: 3 if some files were uploaded, or else that of the first
// failure.
func (t *terminal) uploadFailures(failures []error, done []uploadedFile) error {
	if len(failures) == 1 && len(done) == 0 {
		return failures[0]
	}
	code := remedy.ExitFailed
	for i, group := range t.alike(failures) {
		for _, r := range group {
			t.errorLine(r.Doing)
		}
		t.advise(group[0])
		if i == 0 {
			code = group[0].ExitCode
		}
	}
	t.uploadSummary(len(failures), done)
	if len(failures) == 0 {
		return nil
	}
	if len(done) > 0 {
		code = remedy.ExitPartly
	}
	return &reportedError{code}
}

// alike groups failures that have the same advice.
func (t *terminal) alike(failures []error) [][]remedy.Remedy {
	var groups [][]remedy.Remedy
	at := map[string]int{}
	for _, err := range failures {
		r := t.remedyFor(err)
		code := ""
		if s3, ok := errors.AsType[*upload.Error](err); ok {
			code = s3.Code
		}
		key := strings.Join([]string{code, r.Likely, r.Compare, r.Try}, "\x00")
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// uploadSummary prints counts on a terminal. Scripts have stdout and the exit code.
func (t *terminal) uploadSummary(failed int, done []uploadedFile) {
	if !t.attended {
		return
	}
	var bytes int64
	for _, file := range done {
		bytes += file.Size
	}
	if len(done) > 0 {
		t.done("%d uploaded, %s", len(done), size(bytes))
	}
	if failed > 0 {
		t.say("%s %d failed", t.style().failed.Render("✗"), failed)
	}
}
