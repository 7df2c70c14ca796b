package cli

import (
	"slices"
	"testing"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

// Variables that env exported for one profile do not affect the next profile; variables that the person set do.
func TestExported(t *testing.T) {
	t.Parallel()
	mark := exportedMark
	const s3, sts, region = "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_REGION"
	for _, row := range []struct {
		name       string
		before     map[string]string
		sets       map[string]string
		wantMark   string
		wantUnset  []string
		wantOwnS3  string
		wantOwnSTS string
	}{
		{"first time", nil, map[string]string{s3: "http://minio"}, mark(s3, "http://minio"), nil, "", ""},
		{"the person's own, passed on", map[string]string{s3: "http://minio"}, map[string]string{s3: "http://minio"}, "", nil, "http://minio", ""},
		{"another profile without it", map[string]string{s3: "http://minio", exportedVariable: mark(s3, "http://minio")}, nil, "", []string{s3, exportedVariable}, "", ""},
		{"another profile with others", map[string]string{s3: "http://minio", exportedVariable: mark(s3, "http://minio")}, map[string]string{sts: "http://sts"}, mark(sts, "http://sts"), []string{s3}, "", ""},
		{"the same profile again", map[string]string{s3: "http://minio", exportedVariable: mark(s3, "http://minio")}, map[string]string{s3: "http://minio"}, mark(s3, "http://minio"), nil, "", ""},
		{"own beside exported", map[string]string{s3: "http://minio", sts: "http://own", exportedVariable: mark(s3, "http://minio")}, map[string]string{s3: "http://minio", sts: "http://own"}, mark(s3, "http://minio"), nil, "", "http://own"},
		{"another profile without a region", map[string]string{region: "us-east-1", exportedVariable: mark(region, "us-east-1")}, nil, "", []string{region, exportedVariable}, "", ""},
		{"another region than the person's own", map[string]string{region: "us-east-1"}, map[string]string{region: "us-west-2"}, mark(region, "us-west-2"), nil, "", ""},
		{"a forged list", map[string]string{exportedVariable: "PATH:HOME:AWS_PROFILE"}, nil, "", []string{exportedVariable}, "", ""},
		{"changed by the person since", map[string]string{s3: "http://other", exportedVariable: mark(s3, "http://minio")}, nil, "", []string{exportedVariable}, "http://other", ""},
	} {
		app := testApp()
		app.Getenv = func(name string) string { return row.before[name] }
		var e credential.Environment
		for name, value := range row.sets {
			e.Set = append(e.Set, credential.Variable{Name: name, Value: secret.New(value)})
		}
		e = app.withExported(e)
		got := ""
		for _, v := range e.Set {
			if v.Name == exportedVariable {
				got = v.Value.Reveal()
			}
		}
		if got != row.wantMark || !slices.Equal(e.Unset, row.wantUnset) {
			t.Errorf("%s: marks %q and unsets %v, want %q and %v", row.name, got, e.Unset, row.wantMark, row.wantUnset)
		}
		if app.getenv(s3) != row.wantOwnS3 || app.getenv(sts) != row.wantOwnSTS {
			t.Errorf("%s: own endpoints %q and %q, want %q and %q", row.name, app.getenv(s3), app.getenv(sts), row.wantOwnS3, row.wantOwnSTS)
		}
	}
}
