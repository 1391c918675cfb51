// A fixture in C: the steps as a tool, on the workspace.

#include "steps.h"
#include "tool_plugin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static paracle_plugin_types_capability_t needs[] = {PARACLE_PLUGIN_TYPES_CAPABILITY_FILE_ACCESS};

// The caller frees what it is given, so each text is a copy.
static tool_plugin_string_t text(const char *text) {
    tool_plugin_string_t copy;
    tool_plugin_string_dup(&copy, text);
    return copy;
}

static exports_paracle_plugin_plugin_list_capability_t capabilities(void) {
    exports_paracle_plugin_plugin_list_capability_t list = {malloc(sizeof needs), 1};
    memcpy(list.ptr, needs, sizeof needs);
    return list;
}

void exports_paracle_plugin_plugin_metadata(exports_paracle_plugin_plugin_plugin_info_t *info) {
    memset(info, 0, sizeof *info);
    info->name = text("c-files");
    info->version = text("0.1.0");
    info->description = text("Fixture: what C does with files");
    info->author = text("The paracle-host authors");
    info->license = text("Apache-2.0 OR MIT");
    info->kind = EXPORTS_PARACLE_PLUGIN_PLUGIN_KIND_TOOL;
    info->capabilities = capabilities();
    info->paracle_version = text(">=0.1.0");
}

bool exports_paracle_plugin_plugin_validate_config(
    exports_paracle_plugin_plugin_json_t *config, exports_paracle_plugin_plugin_list_config_problem_t *problems) {
    (void)config, (void)problems;
    return true;
}

bool exports_paracle_plugin_plugin_initialize(
    exports_paracle_plugin_plugin_json_t *config, exports_paracle_plugin_plugin_init_error_t *error) {
    (void)config, (void)error;
    return true;
}

void exports_paracle_plugin_plugin_health(exports_paracle_plugin_plugin_health_report_t *report) {
    memset(report, 0, sizeof *report);
    report->plugin = text("c-files");
    report->version = text("0.1.0");
    report->status = EXPORTS_PARACLE_PLUGIN_PLUGIN_STATUS_HEALTHY;
    report->capabilities = capabilities();
}

bool exports_paracle_plugin_plugin_shutdown(tool_plugin_string_t *error) {
    (void)error;
    return true;
}

void exports_paracle_plugin_tool_list_tools(exports_paracle_plugin_tool_list_tool_info_t *list) {
    list->len = 1;
    list->ptr = calloc(1, sizeof *list->ptr);
    list->ptr->name = text("exercise");
    list->ptr->description = text("Works through the steps in a folder of the workspace.");
    list->ptr->parameters = text("{\"type\": \"object\"}");
    list->ptr->annotations.destructive = true;
}

bool exports_paracle_plugin_tool_validate_parameters(
    tool_plugin_string_t *name, exports_paracle_plugin_tool_json_t *arguments,
    exports_paracle_plugin_tool_tool_error_t *error) {
    (void)name, (void)arguments, (void)error;
    return true;
}

bool exports_paracle_plugin_tool_execute(
    tool_plugin_string_t *name, exports_paracle_plugin_tool_context_t *context,
    exports_paracle_plugin_tool_json_t *arguments, exports_paracle_plugin_tool_output_t *output,
    exports_paracle_plugin_tool_tool_error_t *error) {
    (void)name, (void)arguments;
    char folder[256];
    int room = context->workspace.is_some ? (int)context->workspace.val.len : 0;
    snprintf(folder, sizeof folder, "%.*s/c", room, (const char *)context->workspace.val.ptr);
    if (!context->workspace.is_some || mkdir(folder, 0755)) {
        error->tag = PARACLE_PLUGIN_TOOL_TYPES_TOOL_ERROR_RUNTIME;
        error->val.runtime = text(strerror(errno));
        return false;
    }
    char *said = steps(folder);
    memset(output, 0, sizeof *output);
    output->content.len = 1;
    output->content.ptr = calloc(1, sizeof *output->content.ptr);
    output->content.ptr->tag = PARACLE_PLUGIN_TOOL_TYPES_CONTENT_TEXT;
    output->content.ptr->val.text = text(said);
    free(said);
    return true;
}
