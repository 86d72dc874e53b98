/* What each command does, for docs/api.md and the OpenAPI document. */
#include "edge/router_priv.h"

#define T(name, zh, en) [COMMAND_##name] = {(zh), (en)},
static const struct command_text texts[COMMAND_KIND_COUNT] = {
    T(signal_raise, "登记一条待核查信息。", "Raises a signal.") T(
        signal_claim, "认领核查。",
        "Takes a signal to verify it.") T(signal_confirm, "核实：转为警情或并入已有警情。",
                                          "Confirms: it becomes or joins an incident.")
        T(signal_dismiss, "核实为误报，注明理由。", "Settles it as false, with the reason.") T(
            signal_duplicate, "标为重复。",
            "Marks it as a duplicate of another.") T(incident_create, "接警建单。",
                                                     "Creates an incident.")
            T(incident_amend, "补充或更正警情。", "Adds to an incident, or puts it right.") T(
                incident_triage, "记录询问答案；可附理由改定级别。",
                "Keeps the answers; may overrule with a reason.") T(incident_enter, "转为待派。",
                                                                    "Makes it pending.")
                T(incident_prioritise, "调整当前级别。", "Sets the current priority.") T(
                    incident_control, "现场已控制。",
                    "Under control.") T(incident_close, "结案，注明处置结果。",
                                        "Closes it with a disposition.")
                    T(incident_review, "回访结果。", "Result of the call-back.") T(
                        incident_reopen, "重新打开。",
                        "Opens it again.") T(incident_merge, "并入另一警情。",
                                             "Merges it into another.") T(incident_unmerge,
                                                                          "撤销合并。",
                                                                          "Takes a merge back.")
                        T(incident_transfer, "移交其他单位。", "Hands it to another body.") T(
                            incident_schedule,
                            "预约到时处理。",
                            "Puts it off to a time.") T(incident_note, "追加记录，只增不改。", "Adds a note; notes are never changed.")
                            T(incident_state, "追加陈述：人员类别，事实或意见。", "Adds a statement: about whom, fact or opinion.") T(
                                incident_correct,
                                "更正时间戳，注明理由。",
                                "Corrects a stamp, with the reason.")
                                T(incident_escalate, "提升响应等级。", "Raises the alarm level.") T(
                                    incident_dispatch,
                                    "派警：全部派出或都不派。",
                                    "Sends units, all or none.")
                                    T(assignment_send, "下达已预留的派警单。", "Sends a reserved order.") T(
                                        assignment_see,
                                        "单元已阅令。",
                                        "The unit has seen its order.")
                                        T(assignment_depart, "出发。", "Under way.") T(
                                            assignment_stage,
                                            "在附近待命。",
                                            "Waits nearby.") T(assignment_arrive, "到场。", "On scene.")
                                            T(assignment_clear, "处置完毕。", "Done there.") T(
                                                assignment_decline,
                                                "不能执行，注明理由。",
                                                "Cannot go, with the reason.")
                                                T(assignment_cancel,
                                                  "撤回派警，注明理由。", "Takes the order back, with the reason.")
                                                    T(unit_enrol, "登记处警单元。", "Enrols a unit.") T(
                                                        unit_sign_on,
                                                        "上勤。",
                                                        "A crew signs on.")
                                                        T(unit_sign_off, "下勤；服务器删除其位置。",
                                                          "The crew signs off; its position is "
                                                          "dropped.")
                                                            T(unit_suspend, "暂停出警，注明理由。",
                                                              "Out of service, with "
                                                              "the reason.") T(unit_resume, "恢复出警。", "In service again.")
                                                                T(unit_place, "按电台报告记位置。",
                                                                  "Place as said on radio.")
                                                                    T(call_ring, "电话振铃。", "A call rings.") T(
                                                                        call_answer,
                                                                        "接听。",
                                                                        "Answers "
                                                                        "it.") T(call_end,
                                                                                 "挂断；未接或无声"
                                                                                 "则列入回"
                                                                                 "拨。",
                                                                                 "Ends; unanswered "
                                                                                 "or "
                                                                                 "silent: call "
                                                                                 "back.")
                                                                        T(call_back, "回拨结果。",
                                                                          "Result of calling "
                                                                          "back.") T(post_install,
                                                                                     "设置站点"
                                                                                     "。",
                                                                                     "Installs "
                                                                                     "a post.")
                                                                            T(area_install,
                                                                              "设置辖区。",
                                                                              "Installs an "
                                                                              "area.") T(body_install,
                                                                                         "设置"
                                                                                         "单位"
                                                                                         "。",
                                                                                         "Insta"
                                                                                         "lls "
                                                                                         "a "
                                                                                         "body"
                                                                                         ".")
                                                                                T(type_install,
                                                                                  "装入警情类型"
                                                                                  "。",
                                                                                  "Installs an "
                                                                                  "incident "
                                                                                  "type.") T(plan_install,
                                                                                             "装入"
                                                                                             "响应"
                                                                                             "预案"
                                                                                             "。",
                                                                                             "I"
                                                                                             "n"
                                                                                             "s"
                                                                                             "t"
                                                                                             "a"
                                                                                             "l"
                                                                                             "l"
                                                                                             "s"
                                                                                             " "
                                                                                             "a"
                                                                                             " "
                                                                                             "r"
                                                                                             "e"
                                                                                             "s"
                                                                                             "p"
                                                                                             "o"
                                                                                             "n"
                                                                                             "s"
                                                                                             "e"
                                                                                             " "
                                                                                             "p"
                                                                                             "l"
                                                                                             "a"
                                                                                             "n"
                                                                                             ".")
                                                                                    T(user_install,
                                                                                      "设置账号"
                                                                                      "。",
                                                                                      "Installs"
                                                                                      " an "
                                                                                      "account"
                                                                                      ".") T(user_disable,
                                                                                             "停用"
                                                                                             "账号"
                                                                                             "，会"
                                                                                             "话立"
                                                                                             "即失"
                                                                                             "效。",
                                                                                             "D"
                                                                                             "i"
                                                                                             "s"
                                                                                             "a"
                                                                                             "b"
                                                                                             "l"
                                                                                             "e"
                                                                                             "s"
                                                                                             " "
                                                                                             "a"
                                                                                             "n"
                                                                                             " "
                                                                                             "a"
                                                                                             "c"
                                                                                             "c"
                                                                                             "o"
                                                                                             "u"
                                                                                             "n"
                                                                                             "t"
                                                                                             ";"
                                                                                             " "
                                                                                             "i"
                                                                                             "t"
                                                                                             "s"
                                                                                             " "
                                                                                             "s"
                                                                                             "e"
                                                                                             "s"
                                                                                             "s"
                                                                                             "i"
                                                                                             "o"
                                                                                             "n"
                                                                                             "s"
                                                                                             " "
                                                                                             "e"
                                                                                             "n"
                                                                                             "d"
                                                                                             " "
                                                                                             "a"
                                                                                             "t"
                                                                                             " "
                                                                                             "o"
                                                                                             "n"
                                                                                             "c"
                                                                                             "e"
                                                                                             ".")
                                                                                        T(session_close,
                                                                                          "结束一"
                                                                                          "个"
                                                                                          "会话"
                                                                                          "。",
                                                                                          "Ends "
                                                                                          "a "
                                                                                          "sessio"
                                                                                          "n"
                                                                                          ".") T(closure_set,
                                                                                                 "设置"
                                                                                                 "交通"
                                                                                                 "管制"
                                                                                                 "。",
                                                                                                 "C"
                                                                                                 "l"
                                                                                                 "o"
                                                                                                 "s"
                                                                                                 "e"
                                                                                                 "s"
                                                                                                 " "
                                                                                                 "o"
                                                                                                 "r"
                                                                                                 " "
                                                                                                 "s"
                                                                                                 "l"
                                                                                                 "o"
                                                                                                 "w"
                                                                                                 "s"
                                                                                                 " "
                                                                                                 "a"
                                                                                                 " "
                                                                                                 "s"
                                                                                                 "t"
                                                                                                 "r"
                                                                                                 "e"
                                                                                                 "t"
                                                                                                 "c"
                                                                                                 "h"
                                                                                                 " "
                                                                                                 "o"
                                                                                                 "f"
                                                                                                 " "
                                                                                                 "r"
                                                                                                 "o"
                                                                                                 "a"
                                                                                                 "d"
                                                                                                 ".")
                                                                                            T(closure_lift,
                                                                                              "解除"
                                                                                              "交通"
                                                                                              "管制"
                                                                                              "。",
                                                                                              "Lift"
                                                                                              "s a "
                                                                                              "clos"
                                                                                              "ure"
                                                                                              ".") T(roster_set,
                                                                                                     "设置值班表。",
                                                                                                     "Sets a duty roster.")
                                                                                                T(handover_sign,
                                                                                                  "交班签字。",
                                                                                                  "Signs a shift over.")
                                                                                                    T(handover_accept,
                                                                                                      "接班签字。",
                                                                                                      "Accepts a shift.")};

const struct command_text *command_text(enum command_kind kind)
{
    return &texts[kind];
}
