//! A workflow at work: each step begins once those before it are done, beside others that could, and is one commit of the
//! execution's branch. That branch is all there is to go on from after a crash.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::expression;
use super::plan::Plan;
use super::report::{StepEnd, StepReport, WorkflowReport};
use super::step::{Doing, StepDone};
use super::step_error::StepError;
use super::{PlanError, Spent};
use crate::flow::Host;
use crate::model::{Caller, ClientLink, CommitId, ExecutionId, OnFailure, PlanName, PlanRecord};

/// The trailer that names a step.
pub(super) const STEP: &str = "Paracle-Step";
/// The trailer that says what a step gives.
pub(super) const OUTPUTS: &str = "Paracle-Outputs";
/// The trailer that says what a step took.
pub(super) const SPENT: &str = "Paracle-Spent";

/// Steps that run at once; more wait.
const AT_ONCE: usize = 64;

/// What is told while a workflow runs.
#[derive(Debug)]
pub enum Told<'a> {
    /// A step begins.
    Began {
        /// Which.
        step: &'a PlanName,
    },
    /// A step failed and is tried again.
    Again {
        /// Which.
        step: &'a PlanName,
        /// Why.
        error: &'a str,
        /// How long it took.
        took: Duration,
    },
    /// A step ended.
    Ended {
        /// Its report.
        step: &'a StepReport,
    },
}

/// One run of a workflow.
pub struct Run {
    /// Where its changes go.
    pub execution: ExecutionId,
    /// Who has it run.
    pub caller: Caller,
    /// Ends it from outside.
    pub cancel: CancellationToken,
    /// Whom its steps may ask, and who hears how far it is.
    pub client: ClientLink,
    /// Hears of each step.
    pub tell: Box<dyn Fn(Told<'_>) + Send + Sync>,
}

impl Plan {
    /// Runs it from its first step on; `inputs` are those that [`Plan::inputs`] checked.
    pub async fn run(
        self: Arc<Self>,
        host: &Arc<Host>,
        run: Run,
        inputs: Map<String, Value>,
    ) -> Result<WorkflowReport, PlanError> {
        let record = PlanRecord {
            workflow: self.workflow.id.clone(),
            digest: self.workflow.digest,
            inputs: inputs.clone(),
        };
        host.begin_plan(&run.execution, record).await?;
        Ok(Running::new(self, host, run, inputs).finish().await)
    }

    /// Goes on with a run that was interrupted, or failed, at the first steps that are not done.
    pub async fn resume(
        self: Arc<Self>,
        host: &Arc<Host>,
        run: Run,
    ) -> Result<WorkflowReport, PlanError> {
        let record = host.resume_plan(&run.execution).await?;
        let Some(plan) = record.plan else {
            return Err(PlanError::NoPlan {
                execution: run.execution.clone(),
            });
        };
        if plan.workflow != self.workflow.id || plan.digest != self.workflow.digest {
            return Err(PlanError::OtherPlan {
                execution: run.execution.clone(),
                workflow: plan.workflow,
                file: self.workflow.file.display().to_string(),
            });
        }
        let done = host
            .steps_done(&run.execution, &[STEP, OUTPUTS, SPENT])
            .await?;
        let mut running = Running::new(self, host, run, plan.inputs);
        for record in done {
            running.take(record.commit, &record.values);
        }
        Ok(running.finish().await)
    }
}

/// A run, and how far it is.
struct Running {
    plan: Arc<Plan>,
    host: Arc<Host>,
    run: Arc<Run>,
    cancel: CancellationToken,
    inputs: Map<String, Value>,
    /// What steps that are done gave.
    outputs: BTreeMap<usize, Map<String, Value>>,
    /// Those that ended.
    reports: BTreeMap<usize, StepReport>,
    error: Option<String>,
}

impl Running {
    fn new(plan: Arc<Plan>, host: &Arc<Host>, run: Run, inputs: Map<String, Value>) -> Self {
        Self {
            cancel: run.cancel.child_token(),
            plan,
            host: host.clone(),
            run: Arc::new(run),
            inputs,
            outputs: BTreeMap::new(),
            reports: BTreeMap::new(),
            error: None,
        }
    }

    /// Takes a step over that is done already.
    fn take(&mut self, commit: CommitId, values: &[Option<String>]) {
        let [Some(step), Some(outputs), spent] = values else {
            return;
        };
        let steps = &self.plan.workflow.steps;
        let at = steps.iter().position(|one| one.id.as_str() == step);
        let outputs = serde_json::from_str(outputs).ok();
        let (Some(at), Some(outputs)) = (at, outputs) else {
            return;
        };
        let spent = spent
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let report = StepReport {
            id: steps[at].id.clone(),
            end: StepEnd::Before,
            commit: Some(commit),
            spent: spent.unwrap_or_default(),
            tries: 0,
            time_ms: 0,
            error: None,
            notes: Vec::new(),
        };
        self.outputs.insert(at, outputs);
        self.reports.insert(at, report);
    }

    async fn finish(mut self) -> WorkflowReport {
        let time = self.plan.workflow.timeout;
        let late = async {
            match time {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        let cancel = self.run.cancel.clone();
        let mut steps: JoinSet<(usize, Instant, Result<StepDone, StepError>)> = JoinSet::new();
        let mut taken = vec![false; self.plan.workflow.steps.len()];
        for at in self.reports.keys() {
            taken[*at] = true;
        }
        tokio::pin!(late);
        loop {
            self.begin_ready(&mut taken, &mut steps);
            if steps.is_empty() {
                break;
            }
            tokio::select! {
                Some(ended) = steps.join_next() => match ended {
                    Ok((at, began, done)) => self.ended(at, began, done),
                    Err(error) => self.stop(format!("the host failed inside: {error}; this is a bug, please report it")),
                },
                () = cancel.cancelled(), if self.error.is_none() => {
                    self.stop("it was stopped".to_owned());
                }
                () = &mut late, if self.error.is_none() => {
                    let seconds = time.unwrap_or_default();
                    self.stop(format!("it was not done within {seconds} s: raise `timeout` of its `settings`"));
                }
            }
        }
        self.report()
    }

    /// Begins the steps whose turn it is.
    fn begin_ready(
        &mut self,
        taken: &mut [bool],
        steps: &mut JoinSet<(usize, Instant, Result<StepDone, StepError>)>,
    ) {
        if self.error.is_some() {
            return;
        }
        for (at, needs) in self.plan.needs.iter().enumerate() {
            if steps.len() >= AT_ONCE {
                return;
            }
            if taken[at] || !needs.iter().all(|need| self.outputs.contains_key(need)) {
                continue;
            }
            taken[at] = true;
            (self.run.tell)(Told::Began {
                step: &self.plan.workflow.steps[at].id,
            });
            let doing = Doing {
                host: self.host.clone(),
                plan: self.plan.clone(),
                run: self.run.clone(),
                at,
                context: self.context(needs),
                cancel: self.cancel.child_token(),
            };
            let began = Instant::now();
            steps.spawn(async move { (at, began, doing.done().await) });
        }
    }

    /// Returns what the expressions of a step know: the inputs, and the steps that it needs.
    fn context(&self, needs: &[usize]) -> Value {
        let steps = needs.iter().filter_map(|need| {
            let id = self.plan.workflow.steps[*need].id.to_string();
            Some((id, json!({ "outputs": self.outputs.get(need)? })))
        });
        json!({ "inputs": self.inputs, "steps": steps.collect::<Map<_, _>>() })
    }

    fn ended(&mut self, at: usize, began: Instant, done: Result<StepDone, StepError>) {
        let step = &self.plan.workflow.steps[at];
        let time_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let report = match done {
            Ok(done) => {
                self.outputs.insert(at, done.outputs);
                StepReport {
                    id: step.id.clone(),
                    end: StepEnd::Done,
                    commit: Some(done.commit),
                    spent: done.spent,
                    tries: done.tries,
                    time_ms,
                    error: None,
                    notes: done.notes,
                }
            }
            Err(error) => {
                let told = format!("step {}: {error}", step.id);
                let report = StepReport {
                    id: step.id.clone(),
                    end: StepEnd::Failed,
                    commit: None,
                    spent: Spent::default(),
                    tries: 1,
                    time_ms,
                    error: Some(error.to_string()),
                    notes: Vec::new(),
                };
                match step.on_failure {
                    OnFailure::Stop => self.stop(told),
                    OnFailure::Continue => {}
                }
                report
            }
        };
        let (done, all) = (self.outputs.len(), self.plan.workflow.steps.len());
        let told = format!("{}: {done} of {all} steps", self.plan.workflow.id);
        #[expect(clippy::cast_precision_loss, reason = "a count of steps")]
        self.run
            .client
            .progress(done as f64, Some(all as f64), Some(&told));
        (self.run.tell)(Told::Ended { step: &report });
        self.reports.insert(at, report);
    }

    /// Begins nothing more, and ends what runs. The first reason is the one that counts.
    fn stop(&mut self, why: String) {
        if self.error.is_none() {
            self.error = Some(why);
        }
        self.cancel.cancel();
    }

    fn report(mut self) -> WorkflowReport {
        let all: Vec<usize> = (0..self.plan.needs.len()).collect();
        let mut outputs = Map::new();
        let context = self.context(&all);
        for output in &self.plan.workflow.outputs {
            match expression::evaluate(&output.source.value, &context) {
                Ok(value) => drop(outputs.insert(output.name.clone(), value)),
                // What a step gives that was not done is not there, and why is said already.
                Err(why) if self.error.is_none() && self.outputs.len() == all.len() => {
                    self.error = Some(format!("output {}: {why}", output.name));
                }
                Err(_) => {}
            }
        }
        let steps: Vec<StepReport> = all
            .into_iter()
            .map(|at| {
                let id = &self.plan.workflow.steps[at].id;
                self.reports.remove(&at).unwrap_or_else(|| StepReport {
                    id: id.clone(),
                    end: StepEnd::Skipped,
                    commit: None,
                    spent: Spent::default(),
                    tries: 0,
                    time_ms: 0,
                    error: Some(self.why_not(at)),
                    notes: Vec::new(),
                })
            })
            .collect();
        let failed = steps.iter().find(|step| step.end == StepEnd::Failed);
        let error = self.error.or_else(|| {
            let step = failed?;
            let why = step.error.as_deref().unwrap_or_default();
            Some(format!("step {}: {why}", step.id))
        });
        WorkflowReport {
            workflow: self.plan.workflow.id.clone(),
            execution: self.run.execution.clone(),
            success: error.is_none(),
            error,
            outputs,
            spent: Spent::sum(steps.iter().map(|step| &step.spent)),
            steps,
        }
    }

    fn why_not(&self, at: usize) -> String {
        let lacks = self.plan.needs[at]
            .iter()
            .find(|need| !self.outputs.contains_key(need));
        match lacks {
            Some(need) => format!(
                "step {}, which it needs, is not done",
                self.plan.workflow.steps[*need].id
            ),
            None => "the workflow had ended before".to_owned(),
        }
    }
}
